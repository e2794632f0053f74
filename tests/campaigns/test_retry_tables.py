"""Retry tables as people write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from campaigns.retry_reader import (
    RetryTableError,
    load_table,
    names_in,
    read_table,
    shipped_names,
    table_for,
)
from campaigns.retry_table import NEVER_DIALLED, Consequence, Pace, RetryRule
from campaigns.retry_words import limits_of, rows_of, when_of
from campaigns.rules import rules_of
from campaigns.settings import SettingsError, load_settings
from campaigns.settings_sections import CampaignSettings
from ivr.flow import flows
from store.types import Disposition, Outcome

ENDS = sorted(set(Disposition) - NEVER_DIALLED - {Disposition.INTERRUPTED})


def written(*changed: str) -> str:
    """Return a sound table, some of whose lines are others."""
    lines = {each.value: f"  {each.value}: never" for each in ENDS}
    lines |= {each.strip().partition(":")[0]: f"  {each}" for each in changed}
    return "table: mine\ntitle: {zh: 我的, en: Mine}\nrules:\n" + "\n".join(lines.values())


@pytest.mark.parametrize("name", shipped_names())
def test_every_table_that_ships_is_sound_and_told_in_both_languages(name: str) -> None:
    table = load_table(name)
    assert table.name == name
    assert {end for end, _ in table.rules} == set(ENDS)
    chinese, english = tuple(rows_of(table, "zh")), tuple(rows_of(table, "en"))
    assert len(chinese) == len(english) == len(table.rules)
    assert all(each.again.isascii() and not each.end.isspace() for each in english)
    assert not any(each.end.isascii() for each in chinese)
    assert str(table.limits.max_attempts) in limits_of(table, "zh")


def test_a_conversation_has_a_table_and_no_table_is_for_one_that_does_not_exist() -> None:
    known = {flow for flow, _ in flows()}
    assert {flow for name in shipped_names() for flow in load_table(name).flows} <= known
    assert {table_for(flow) for flow in known} == set(shipped_names())
    assert (table_for("survey"), table_for("pre-delivery")) == ("survey", "delivery")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("busy: {minutes: [30, 10]}", "The waits get shorter from time to time."),
        ("busy: {minutes: soon}", "minutes needs numbers of minutes"),
        ("busy: {minutes: -1}", "minutes needs numbers of minutes"),
        ("busy: {minutes: []}", "minutes needs numbers of minutes"),
        ("busy: {minutes: 3, next_window: 3}", "twice when to call again"),
        ("busy: {then: message}", "nothing of when to call again"),
        ("busy: sometimes", "'sometimes' doesn't say when to call again. Known: exactly, never"),
        ("busy: {minutes: 3, then: mesage}", "Did you mean 'message'?"),
        ("busy: {minutes: 3, than: message}", "Did you mean 'then'?"),
        ("bussy: never", "Did you mean 'busy'?"),
        ("expired: never", "Nobody is called again after expired, whatever stands here."),
        ("interrupted: {minutes: 3}", "Nobody is called again after interrupted"),
        ("invalid_number: {minutes: 3}", "Nobody ever answers a vacant number."),
        ("abandoned: {minutes: 3}", "not called again without an agent. Add `then: agent_ready`"),
        ("no_answer: {minutes: 3, then: short_script}", "Nobody heard the long script yet."),
        ("completed: {wrong_number: {minutes: 3}}", "Somebody else has that number."),
        ("completed: {message_left: {minutes: 3}}", "Somebody passes the message on."),
        ("completed: {callback_promised: {minutes: 3}}", "a person makes it."),
        ("completed: {unfinished: never, confirmed: never}", "Nobody reads a field 'confirmed'"),
        ("restricted: {wait: never, sooner: 3}", "There is no moment that `sooner` could be"),
    ],
)
def test_a_fault_is_told_with_its_line_and_what_to_do(line: str, said: str) -> None:
    text = written(line)
    with pytest.raises(RetryTableError) as caught:
        read_table(text, "mine.yaml")
    number = 1 + text.splitlines().index(f"  {line}")
    (fault,) = str(caught.value).splitlines()
    assert fault.startswith(f"mine.yaml:{number}: ")
    assert said in fault


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The file holds no table."),
        ("table: [", "This isn't readable YAML"),
        (written().replace("  busy: never\n", ""), "Nothing is said of busy."),
        (written() + "\nmax_attempts: 40", "max_attempts is 40. Write 1 to 10."),
        (written() + "\nmax_unfinished: 1.5", "max_unfinished is 1.5."),
        (written() + '\nparts_of_day: ["18:00", "09:00"]', "don't follow each other"),
        (written() + '\nparts_of_day: ["noon"]', "'noon' is no time of day."),
    ],
)
def test_a_table_that_says_too_little_or_too_much_is_refused(text: str, said: str) -> None:
    with pytest.raises(RetryTableError, match=r"mine\.yaml:\d+: ") as caught:
        read_table(text, "mine.yaml")
    assert said in str(caught.value)


def test_rules_may_differ_by_outcome() -> None:
    line = "completed: {unfinished: {minutes: 7}, callback_promised: exactly}"
    table = read_table(written(line, "voicemail: {next_window: 0, then: message}"), "mine.yaml")
    assert table.rule_for(Disposition.COMPLETED, Outcome.UNFINISHED) == RetryRule(
        Pace.MINUTES, (7.0,)
    )
    assert table.rule_for(Disposition.COMPLETED, Outcome.CONFIRMED) is None
    voicemail = table.rule_for(Disposition.VOICEMAIL, Outcome.MESSAGE_LEFT)
    assert voicemail == RetryRule(Pace.NEXT_WINDOW, (0.0,), then=(Consequence.MESSAGE,))


@pytest.mark.parametrize(
    ("rule", "chinese", "english"),
    [
        (RetryRule(Pace.MINUTES, (10, 60)), "10 分钟后,再 1 小时后", "after 10 min, then 1 h"),
        (RetryRule(Pace.NEVER), "不再拨打", "never"),
        (
            RetryRule(Pace.NEXT_WINDOW, (0,), sooner=45),
            "换一个时段(上午/下午/晚上)或第二天;如果那时已经太晚,就 45 分钟后",
            "in another part of the day, or the next day; after 45 min if that were too late",
        ),
    ],
)
def test_a_rule_is_told_in_words(rule: RetryRule, chinese: str, english: str) -> None:
    assert (when_of(rule, "zh"), when_of(rule, "en")) == (chinese, english)


def test_a_table_of_ones_own_goes_before_the_one_that_ships(tmp_path: Path) -> None:
    own = written("busy: {minutes: 1}").replace("table: mine", "table: delivery")
    (tmp_path / "delivery.yaml").write_text(own, "utf-8")
    (tmp_path / "night.yaml").write_text(written(), "utf-8")
    assert names_in(tmp_path) == tuple(sorted({*shipped_names(), "night"}))
    settings = CampaignSettings(retry_tables=tmp_path)
    rule = rules_of(settings, {}).retry.rule_for(Disposition.BUSY, Outcome.NOT_REACHED)
    assert rule == RetryRule(Pace.MINUTES, (1.0,))
    assert rules_of(settings, {"retry": {"table": "night"}}).retry.name == "mine"


def test_the_folder_of_tables_is_looked_for_beside_the_settings(tmp_path: Path) -> None:
    (tmp_path / "menling.toml").write_text("[campaign]\nretry_tables = 'own'", "utf-8")
    found = load_settings(tmp_path / "menling.toml").campaign.retry_tables
    assert found == tmp_path / "own"


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ({"retry": {"table": "deliver"}}, "There is no table 'deliver'. Did you mean 'delivery'?"),
        ({"retry": {"table": "../etc/passwd"}}, "retry.table"),
        ({"retry": {"rules": {"busy": {"minutes": "soon"}}}}, "needs numbers of minutes"),
        ({"retry": {"rules": {"busy": None}}}, "doesn't say when to call again"),
        ({"retry": {"tables": 3}}, "retry.tables"),
    ],
)
def test_a_campaign_with_rules_that_make_no_sense_does_not_start(
    policy: dict[str, object], said: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        rules_of(CampaignSettings(), policy)
    assert said in str(caught.value)


def test_what_a_campaign_says_goes_before_the_settings_and_they_before_the_table() -> None:
    settings = CampaignSettings.model_validate(
        {
            "max_unfinished": 3,
            "retry_after_minutes": {"busy": 5, "hung_up_midway": 4},
            "retry": {"rules": {"declined": "never"}},
        }
    )
    policy = {"max_attempts": 6, "retry": {"rules": {"no_answer": {"minutes": 9}}}}
    table = rules_of(settings, policy, flow="survey").retry
    assert (table.name, table.max_attempts, table.max_unfinished) == ("survey", 6, 3)
    waits = {
        end: (rule.pace, rule.minutes)
        for end, outcome in table.rules
        if (rule := table.rules[end, outcome]) and outcome in (None, Outcome.UNFINISHED)
    }
    assert waits[Disposition.BUSY] == (Pace.MINUTES, (5.0,))
    assert waits[Disposition.NO_ANSWER] == (Pace.MINUTES, (9.0,))
    assert waits[Disposition.DECLINED] == (Pace.NEVER, ())
    assert waits[Disposition.COMPLETED] == waits[Disposition.HUNG_UP_MIDWAY]
    assert waits[Disposition.COMPLETED] == (Pace.MINUTES, (4.0,))
    assert waits[Disposition.SWITCHED_OFF] == (Pace.NEXT_WINDOW, (120.0,))
