"""The scenario language, and the recipients that are written in it."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from audio_fixtures.clips import catalogue
from audio_fixtures.scenarios import (
    NewWindow,
    Scenario,
    ScenarioError,
    load_catalogue,
    load_scenario,
    load_scenarios,
    scenario_of,
)
from audio_fixtures.script import (
    HangUp,
    Interrupt,
    NeverAnswer,
    Pause,
    PlayEarly,
    Press,
    Reject,
    Ring,
    SayClip,
    ScriptError,
    WaitTurn,
)

ZONE = ZoneInfo("Asia/Shanghai")
EXPECT = {"disposition": "completed", "outcome": "confirmed"}
BARE = {"id": "somebody", "number": "+8613800138001", "title": "某人", "expect": EXPECT}


def scenario(**changes: object) -> Scenario:
    return scenario_of({**BARE, **changes})


def test_all_verbs_are_understood() -> None:
    somebody = scenario(
        before=[{"ring": 1}, {"early_media": ["sound/ringback"]}, {"reject": 486}],
    )
    assert somebody.before == (Ring(1.0), PlayEarly(("sound/ringback",)), Reject(486))
    assert not somebody.answers()
    talker = scenario(
        script=[
            {"wait": "turn"},
            {"wait": {"turn": 1.2}},
            {"wait": 3},
            {"interrupt": 1.5},
            {"say": "lin/dui"},
            {"press": "1#"},
            {"beep": True},
            {"hang_up": True},
        ],
        otherwise=[{"say": "lin/en"}],
    )
    assert talker.script == (
        WaitTurn(),
        WaitTurn(1.2),
        Pause(3.0),
        Interrupt(1.5),
        SayClip("lin/dui"),
        Press("1#"),
        SayClip("sound/beep"),
        HangUp(),
    )
    assert talker.answers()
    assert talker.clips() == {"lin/dui", "sound/beep", "lin/en"}


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"script": [{"shout": "lin/dui"}]}, "no verb 'shout'"),
        ({"script": ["wait"]}, "one `verb: value`"),
        ({"script": {"wait": "turn"}}, "list of steps"),
        ({"script": [{"say": "lin/never_recorded"}]}, "does not exist"),
        ({"script": [{"say": 7}]}, "id of a clip"),
        ({"script": [{"press": 1}]}, "keys in quotes"),
        ({"script": [{"press": "1x"}]}, "keys in quotes"),
        ({"script": [{"wait": "a while"}]}, "`turn`"),
        ({"script": [{"wait": -1}]}, "seconds from 0 to 120"),
        ({"script": [{"hang_up": "now"}]}, "`true`"),
        ({"script": [{"interrupt": True}]}, "seconds from 0 to 120"),
        ({"before": [{"reject": 200}]}, "from 300 to 699"),
        ({"before": [{"early_media": "sound/busy"}]}, "list of clip ids"),
        ({"before": [{"reject": 486}, {"ring": 1}]}, "nothing can follow `reject`"),
        ({"before": [{"never_answer": True}, {"ring": 1}]}, "nothing can follow `never_answer`"),
        ({"before": [{"reject": 486}], "script": [{"wait": 1}]}, "never answers"),
        ({"number": 13800138001}, "in quotes"),
        ({"noise_dbfs": 0}, "from -90 to -20"),
        ({"mood": "fine"}, "has no mood"),
        ({"expect": {"disposition": "completed"}}, "needs outcome"),
        ({"expect": "completed"}, "mapping"),
        ({"expect": {**EXPECT, "attempts": -1}}, "a count"),
        ({"expect": {**EXPECT, "needs_person": "yes"}}, "true or false"),
        ({"expect": {**EXPECT, "new_window": {"days": 1}}}, "needs earliest, latest"),
        (
            {"expect": {**EXPECT, "new_window": {"days": 1, "earliest": 900, "latest": "12:00"}}},
            "a time in quotes",
        ),
        (
            {"expect": {**EXPECT, "new_window": {"days": "1", "earliest": "9", "latest": "12"}}},
            "whole number",
        ),
    ],
)
def test_a_wrong_scenario_is_refused_with_advice(
    changes: dict[str, object], complaint: str
) -> None:
    with pytest.raises(ScriptError, match=complaint):
        scenario(**changes)


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("id: [", encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"bad\.yaml"):
        load_scenario(tmp_path / "bad.yaml")


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="no scenario"):
        load_scenarios(tmp_path)


def test_two_scenarios_with_one_number_are_refused(tmp_path: Path) -> None:
    text = 'id: {}\nnumber: "+861"\ntitle: x\nexpect: {{disposition: busy, outcome: not_reached}}\n'
    (tmp_path / "a.yaml").write_text(text.format("a"), encoding="utf-8")
    (tmp_path / "b.yaml").write_text(text.format("b"), encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"share the number \+861"):
        load_scenarios(tmp_path)


@pytest.mark.parametrize(
    ("start", "end", "fits"),
    [
        (datetime(2026, 11, 22, 15, tzinfo=ZONE), datetime(2026, 11, 22, 18, tzinfo=ZONE), True),
        (datetime(2026, 11, 22, 15, tzinfo=ZONE), None, True),
        (datetime(2026, 11, 22, 16, tzinfo=ZONE), None, False),
        (datetime(2026, 11, 23, 15, tzinfo=ZONE), None, False),
        (datetime(2026, 11, 22, 15, tzinfo=ZONE), datetime(2026, 11, 22, 22, tzinfo=ZONE), False),
    ],
)
def test_a_new_window_fits_by_day_and_hours(
    start: datetime, end: datetime | None, fits: bool
) -> None:
    wanted = NewWindow(1, earliest=time(15), latest=time(21), starts=time(15))
    assert wanted.fits(start, end, called_on=date(2026, 11, 21)) is fits


def test_thirty_recipients_can_be_rung() -> None:
    numbers = [f"+861380013{8000 + place}" for place in range(1, 31)]
    assert list(load_catalogue()) == numbers


def test_a_recipient_or_his_machine_speaks_with_its_own_voice_over_its_own_line() -> None:
    clips = catalogue()
    for recipient in load_scenarios():
        for clip in recipient.clips():
            voice = clips[clip].voice
            if voice is not None and voice.name != "carrier" and recipient.answers():
                assert voice.name == recipient.voice
                assert voice.noise_dbfs == recipient.noise_dbfs


def test_those_who_never_answer_are_not_expected_to_talk() -> None:
    for recipient in load_scenarios():
        if not recipient.answers():
            assert recipient.expect.outcome == "not_reached"


def test_never_answering_is_told_from_refusing() -> None:
    by_id = {recipient.id: recipient for recipient in load_scenarios()}
    assert by_id["no_answer"].before == (NeverAnswer(),)
    assert by_id["declines"].before == (Ring(1.0), Reject(603))
