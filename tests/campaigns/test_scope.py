"""Pilots, script versions and the laws about whom nobody calls."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from campaigns.results import Share, differ, wilson
from campaigns.scope import Scope, lot, within
from campaigns.script_versions import ScriptVersion, script_for, version_of
from campaigns.turn import turn_of
from campaigns.unwanted import sparing, suppressed
from campaigns.verdict import Held
from store.candidates import CallNow, Candidate, Never, Parcel, Verdict, Wait
from store.types import Disposition, Outcome

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
PHONES = tuple(f"+86138{number:08}" for number in range(2000))
BOOKS = Parcel("SD1", "书店", None, None, frozenset())
FLOWERS = Parcel("SD2", "花店", None, None, frozenset())
ANNA = Candidate(
    contact_id=1, campaign_id=7, flow="care", phone=PHONES[0], language="zh-CN",
    time_zone="Asia/Shanghai", region="华东", product_line="特快", attempts=0, next_call_at=None,
    asked_for=False, useful_until=None, parcels=(BOOKS, FLOWERS), dialled_at=(), in_a_call=False,
    suppressed_for=frozenset(), has_trouble=False,
)  # fmt: skip


def test_a_share_takes_in_about_so_many_and_always_the_same() -> None:
    small, large = Scope(share=0.2), Scope(share=0.5)
    few = {phone for phone in PHONES if small.takes_in(7, phone, "", "")}
    many = {phone for phone in PHONES if large.takes_in(7, phone, "", "")}
    assert 0.15 < len(few) / len(PHONES) < 0.25
    assert few < many
    assert few == {phone for phone in PHONES if small.takes_in(7, phone, "", "")}
    assert few != {phone for phone in PHONES if small.takes_in(8, phone, "", "")}
    assert all(0 <= lot("x", phone) < 1 for phone in PHONES)


@pytest.mark.parametrize(
    ("scope", "is_called"),
    [
        (Scope(), True),
        (Scope(regions=(" 华东",)), True),
        (Scope(regions=("华南",)), False),
        (Scope(product_lines=("特快", "标快")), True),
        (Scope(regions=("华东",), product_lines=("标快",)), False),
    ],
)
def test_a_pilot_calls_those_who_fit_and_closes_the_others(scope: Scope, is_called: bool) -> None:
    objection = within(scope)(ANNA, NOW)
    out = Never(Disposition.OUT_OF_SCOPE, Outcome.NOT_CALLED)
    assert objection == (None if is_called else out)


def test_versions_are_drawn_by_weight_and_kept() -> None:
    scripts = (ScriptVersion("a", "3", 3), ScriptVersion("b", "4"))
    drawn = [script_for(scripts, 7, phone) for phone in PHONES]
    assert 0.7 < drawn.count("a") / len(drawn) < 0.8
    assert drawn == [script_for(scripts, 7, phone) for phone in PHONES]
    assert script_for((), 7, PHONES[0]) == ""
    assert (version_of(scripts, "b"), version_of(scripts, "c")) == ("4", "")


@pytest.mark.parametrize(
    ("merchants", "objection"),
    [
        (set(), None),
        ({""}, Never(Disposition.SUPPRESSED, Outcome.SUPPRESSED)),
        ({"书店", "花店"}, Never(Disposition.SUPPRESSED, Outcome.SUPPRESSED)),
        ({"书店"}, Wait(NOW + timedelta(seconds=5), Held.MERCHANT)),
        ({"鞋店"}, None),
    ],
)
def test_the_lists_are_heeded(merchants: set[str], objection: Verdict | None) -> None:
    assert suppressed(replace(ANNA, suppressed_for=frozenset(merchants)), NOW) == objection


def test_who_waits_for_us_to_make_good_is_spared_by_some_conversations() -> None:
    troubled = replace(ANNA, has_trouble=True)
    spared = Never(Disposition.OPEN_TICKET, Outcome.SUPPRESSED)
    assert sparing({"care"})(troubled, NOW) == spared
    assert sparing({"survey"})(troubled, NOW) is None
    assert sparing({"care"})(ANNA, NOW) is None


def test_an_explanation_follows_the_laws_from_moment_to_moment() -> None:
    opens = NOW + timedelta(hours=3)

    def closed(_: Candidate, now: datetime) -> Verdict | None:
        return Wait(opens, Held.WINDOW) if now < opens else None

    def gap(_: Candidate, now: datetime) -> Verdict | None:
        later = opens + timedelta(hours=1)
        return Wait(later, Held.GAP) if opens <= now < later else None

    turn = turn_of(ANNA, (closed, gap), NOW)
    assert (turn.at, turn.verdict) == (opens + timedelta(hours=1), CallNow())
    assert turn.waits == (Held.WINDOW, Held.GAP)
    stuck = turn_of(ANNA, (lambda _, now: Wait(now + timedelta(1), Held.CAP),), NOW)
    assert isinstance(stuck.verdict, Wait)
    rings = turn_of(replace(ANNA, in_a_call=True), (), NOW)
    assert rings.at > NOW
    assert rings.waits == (Held.IN_A_CALL,)


def test_an_interval_is_the_one_that_wilson_published() -> None:
    low, high = wilson(10, 100)
    assert (round(low, 4), round(high, 4)) == (0.0552, 0.1744)
    assert wilson(0, 10)[0] == 0
    assert round(wilson(10, 10)[1], 9) == 1
    assert differ(Share(10, 100), Share(40, 100)) is True
    assert differ(Share(10, 100), Share(12, 100)) is False
    assert differ(Share(0, 0), Share(1, 2)) is None
