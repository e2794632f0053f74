"""A provider's list of calls is read as it comes, and what it says of a call is not stretched."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns.cdr import CdrError, CdrLine, end_of, read_cdr
from campaigns.reconcile import Doubt, Told, by_cdr, by_length
from store.reconciliations import UnknownFate
from store.types import Disposition, Outcome

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
OURS = "0123456789abcdef0123456789abcdef@menling"

ASTERISK = f"""calldate,src,dst,duration,billsec,disposition,SIP-Call-ID
2026-11-23 12:00:00,02112345678,13800138001,41,30,ANSWERED,{OURS}
2026-11-23 12:00:05,02112345678,13800138002,20,0,NO ANSWER,{"b" * 32}@menling
"""
CHINESE = f"""呼叫ID;开始时间;应答时间;通话时长（秒）;挂断原因
{OURS};2026/11/23 12:00;2026/11/23 12:00;30;16
{"b" * 32};2026/11/23 12:00;;0;空号
"""
EPOCH = f"""Call-ID\tstart\thangup_cause\tbillsec
<{OURS.upper()}>\t1795406400\tNORMAL_CLEARING\t30
{"b" * 32}\t1795406405\tUSER_BUSY\t0
"""


@pytest.mark.parametrize("text", [ASTERISK, CHINESE, EPOCH])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_lists_of_different_makes_say_the_same(text: str, encoding: str) -> None:
    read = read_cdr("calls.csv", text.encode(encoding), SHANGHAI)
    first, second = read.lines
    assert (first.started, first.answered, first.talk_seconds) == (NOON, True, 30)
    assert (second.number, second.answered) == (3, False)
    assert read.problems == ()


def test_a_list_without_call_ids_says_which_names_are_known() -> None:
    with pytest.raises(CdrError, match="callid"):
        read_cdr("calls.csv", b"start,number\n2026-11-23 12:00:00,138\n", SHANGHAI)


def test_a_file_that_is_no_table_is_refused() -> None:
    with pytest.raises(CdrError):
        read_cdr("calls.csv", b"", SHANGHAI)


def test_rows_that_can_not_be_used_are_named_and_the_others_read() -> None:
    read = read_cdr(
        "calls.csv",
        b"Call-ID,start,billsec\n,2026-11-23 12:00:00,0\na,yesterday,0\n"
        b"b,2026-11-23 12:00:00,long\nc,2026-11-23T12:00:00+08:00,1:30\n",
        SHANGHAI,
    )
    assert [line.talk_seconds for line in read.lines] == [90]
    assert [problem.partition(":")[0] for problem in read.problems] == ["row 2", "row 3", "row 4"]


def a_line(cause: str, *, answered: bool = False, call_id: str = OURS) -> CdrLine:
    return CdrLine(2, call_id, NOON, answered, 0.0, cause)


@pytest.mark.parametrize(
    ("cause", "disposition", "never_rang"),
    [
        ("1", Disposition.INVALID_NUMBER, True),
        ("Q.850 20", Disposition.SWITCHED_OFF, True),
        ("空号", Disposition.INVALID_NUMBER, True),
        ("34", Disposition.TRUNK_FAILURE, True),
        ("404", Disposition.INVALID_NUMBER, True),
        ("SIP 503", Disposition.TRUNK_FAILURE, False),
        ("41", Disposition.TRUNK_FAILURE, False),
        ("USER_BUSY", Disposition.BUSY, False),
        ("486 Busy Here", Disposition.BUSY, False),
        ("19", Disposition.NO_ANSWER, False),
        ("无人接听", Disposition.NO_ANSWER, False),
        ("480", Disposition.OUT_OF_REACH, False),
        ("", Disposition.NO_ANSWER, False),
        ("一些别的", Disposition.TRUNK_FAILURE, False),
    ],
)
def test_only_causes_that_come_before_any_ringing_are_certain(
    cause: str, disposition: Disposition, never_rang: bool
) -> None:
    end = end_of([a_line(cause)])
    assert (end.disposition, end.never_rang) == (disposition, never_rang)


def test_of_several_ways_one_that_may_have_rung_is_enough() -> None:
    assert not end_of([a_line("34"), a_line("19"), a_line("34")]).never_rang
    assert end_of([a_line("34"), a_line("20")]).never_rang
    assert end_of([a_line("34"), a_line("16", answered=True)]).disposition is (
        Disposition.INTERRUPTED
    )


def a_fate(call_id: str = OURS, trunk: str = "north", at: datetime | None = NOON) -> UnknownFate:
    return UnknownFate(
        7, 1, 3, 1, "早班", "+8613800138001", "Asia/Shanghai", call_id, trunk, at, NOON, "", ""
    )


def others(*minutes: int) -> list[CdrLine]:
    return [
        CdrLine(9, "x", NOON + timedelta(minutes=each), answered=False, talk_seconds=0, cause="19")
        for each in minutes
    ]


def told(fate: UnknownFate, lines: list[CdrLine], **more: object) -> Told | Doubt:
    (finding,) = by_cdr([fate], lines, **more)  # type: ignore[arg-type]
    return finding.told


def test_a_talk_that_broke_off_is_handed_to_a_person() -> None:
    found = told(a_fate(), [a_line("16", answered=True)])
    assert isinstance(found, Told)
    assert (found.outcome, found.answered, found.never_rang) == (Outcome.UNFINISHED, True, False)
    assert found.needs_person


def test_a_call_that_a_complete_list_lacks_was_never_made() -> None:
    around = others(-6, 6)
    assert told(a_fate(), around) is Doubt.NOT_LISTED
    found = told(a_fate(), around, complete=True)
    assert isinstance(found, Told)
    assert (found.disposition, found.never_rang) == (Disposition.TRUNK_FAILURE, True)


@pytest.mark.parametrize("minutes", [(), (6,), (-6,), (-4, 6), (-6, 4)])
def test_a_list_that_ends_too_near_proves_nothing(minutes: tuple[int, ...]) -> None:
    assert told(a_fate(), others(*minutes), complete=True) is Doubt.NOT_COVERED


def test_the_list_of_one_trunk_proves_nothing_about_another() -> None:
    around = others(-6, 6)
    assert told(a_fate(), around, complete=True, trunk="south") is Doubt.OTHER_TRUNK
    two = by_cdr([a_fate(), a_fate("c" * 32, "south")], around, complete=True)
    assert {each.told for each in two} == {Doubt.OTHER_TRUNK}


def test_a_call_without_a_call_id_is_never_found_missing() -> None:
    assert told(a_fate(call_id=""), others(-6, 6), complete=True) is Doubt.NEVER_BOUND


def test_a_recording_proves_a_talk_only_where_we_said_something() -> None:
    assert by_length(a_fate(), "7.wav", None) is Doubt.NO_FILE
    assert by_length(a_fate(), "7.wav", 0.0) is Doubt.NOTHING_SAID
    found = by_length(a_fate(), "7.wav", 12.0)
    assert isinstance(found, Told)
    assert (found.recording, found.never_rang) == ("7.wav", False)
