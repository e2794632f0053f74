"""How a simulated recipient hears, waits, interrupts, speaks and presses keys; without a clock."""

from __future__ import annotations

import itertools

import pytest

from audio.g711 import Law, level_dbfs
from audio.pcm import silence
from audio_fixtures.clips import clip_sound
from audio_fixtures.scenarios import Scenario, scenario_of
from audio_fixtures.script import HangUp, Press, SayClip
from dialer.callee.dialog import (
    TRANSITIONS,
    DialogError,
    DialogEvent,
    DialogState,
    can_happen,
    next_state,
    repetition_delays,
)
from dialer.callee.ear import Ear, VoiceBegan, VoiceStopped
from dialer.callee.mouth import Mouth
from dialer.callee.observation import CallObservation, percentile_99
from dialer.callee.performer import PATIENCE_SECONDS, Act, Performer
from dialer.callee.person import Person
from dialer.callee.reception import Reception, ahead
from dialer.callee.rtp import Packet, read_key

LOUD, QUIET = -20.0, -60.0
SLOT = 0.02


def scenario(**changes: object) -> Scenario:
    expect = {"disposition": "completed", "outcome": "confirmed"}
    return scenario_of({"id": "x", "number": "+861", "title": "x", "expect": expect, **changes})


@pytest.mark.parametrize(("state", "event"), list(itertools.product(DialogState, DialogEvent)))
def test_a_dialog_takes_only_the_steps_of_its_table(state: DialogState, event: DialogEvent) -> None:
    if event in TRANSITIONS[state]:
        assert can_happen(state, event)
        assert next_state(state, event) is TRANSITIONS[state][event]
    else:
        assert not can_happen(state, event)
        with pytest.raises(DialogError, match=str(event)):
            next_state(state, event)


def test_every_dialog_can_end_and_an_ended_one_stays_so() -> None:
    reachable = {DialogState.ENDED}
    while True:
        more = {s for s, steps in TRANSITIONS.items() if reachable & set(steps.values())}
        if more <= reachable:
            break
        reachable |= more
    assert reachable == set(DialogState)
    assert not TRANSITIONS[DialogState.ENDED]


def test_repetitions_slow_down_and_stop_after_half_a_minute() -> None:
    delays = list(repetition_delays())
    assert delays[:5] == [0.5, 1, 2, 4, 4]
    assert sum(delays) == pytest.approx(32)


def packet(sequence: int) -> Packet:
    return Packet(8, sequence & 0xFFFF, 0, 1, bytes([sequence & 0xFF]))


def received(sequences: list[int]) -> tuple[list[int], Reception]:
    reception = Reception()
    order = [
        each.sequence
        for place, sequence in enumerate(sequences)
        for each in reception.add(packet(sequence), place * SLOT)
    ]
    return order, reception


@pytest.mark.parametrize(
    ("sent", "given", "lost", "duplicates"),
    [
        ([1, 2, 3], [1, 2, 3], 0, 0),
        ([1, 3, 2, 4], [1, 2, 3, 4], 0, 0),
        ([1, 2, 2, 3, 1], [1, 2, 3], 0, 2),
        ([1, 3, 4, 5, 6, 7], [1, 3, 4, 5, 6, 7], 1, 0),
        ([1, 3, 3], [1], 1, 1),
        ([65534, 65535, 65536, 65537], [65534, 65535, 0, 1], 0, 0),
        ([1, 9, 10, 11, 12, 13], [1, 9, 10, 11, 12, 13], 7, 0),
    ],
)
def test_packets_come_out_in_order_and_gaps_are_counted(
    sent: list[int], given: list[int], lost: int, duplicates: int
) -> None:
    order, reception = received(sent)
    report = reception.report()
    assert order == given
    assert (report.packets, report.lost, report.duplicates) == (len(sent), lost, duplicates)


def test_jitter_is_measured_against_twenty_milliseconds() -> None:
    reception = Reception()
    for sequence, now in enumerate([0.0, 0.02, 0.04, 0.09]):
        reception.add(packet(sequence), now)
    assert reception.report().longest_gap_ms == 50
    assert received([1, 2, 3])[1].report().jitter_p99_ms == 0
    assert ahead(1, 65535) == 2


def hear(ear: Ear, levels: str, since: float = 0.0) -> list[VoiceBegan | VoiceStopped]:
    """Let the ear hear one frame per character: # loud, . quiet."""
    changes = [
        ear.hear(LOUD if each == "#" else QUIET, since + n * SLOT) for n, each in enumerate(levels)
    ]
    return [change for change in changes if change is not None]


def test_a_voice_begins_with_its_first_loud_frame_and_stops_with_its_last() -> None:
    began, stopped = hear(Ear(), "..##########" + "." * 25)
    assert began == VoiceBegan(pytest.approx(0.04))
    assert stopped == VoiceStopped(pytest.approx(0.22))


def test_a_click_is_no_voice_and_a_breath_no_end() -> None:
    assert hear(Ear(), "..#....#...") == []
    assert len(hear(Ear(), "####" + "." * 15 + "####")) == 1


def test_a_silence_without_packets_ends_a_voice_too() -> None:
    ear = Ear()
    hear(ear, "####")
    assert ear.listen(0.3) is None
    assert ear.listen(0.5) == VoiceStopped(pytest.approx(0.06))
    assert ear.speaking_seconds(0.5) == 0


def test_a_turn_is_over_after_speech_and_silence_and_only_once() -> None:
    ear = Ear()
    hear(ear, "#" * 20)
    assert not ear.turn_is_over(0.7, 0.5)
    assert ear.turn_is_over(0.7, 1.1)
    ear.begin_turn()
    assert not ear.turn_is_over(0.7, 5.0)


def acts(performer: Performer, ear: Ear, levels: str) -> list[tuple[float, Act]]:
    """Let a recipient hear one frame per character and return what he did when."""
    done: list[tuple[float, Act]] = []
    for number, each in enumerate(levels):
        now = number * SLOT
        ear.hear(LOUD if each == "#" else QUIET, now)
        act = performer.next_act(now, ear, busy=False)
        if act is not None:
            done.append((round(now, 2), act))
    return done


def test_he_waits_for_his_turn_then_speaks() -> None:
    performer = Performer(scenario(script=[{"wait": "turn"}, {"say": "lin/dui"}]))
    assert acts(performer, Ear(), "." * 50 + "#" * 50 + "." * 60) == [
        (pytest.approx(1.98 + 0.7, abs=0.03), SayClip("lin/dui"))
    ]


def test_he_interrupts_after_so_much_of_the_other_voice() -> None:
    performer = Performer(scenario(script=[{"interrupt": 1.2}, {"hang_up": True}]))
    [(when, act)] = acts(performer, Ear(), "." * 50 + "#" * 100)
    assert when == pytest.approx(2.2, abs=0.03)
    assert act == HangUp()


def test_at_a_further_turn_he_does_what_he_does_otherwise() -> None:
    performer = Performer(scenario(otherwise=[{"press": "1"}]))
    turn = "#" * 20 + "." * 50
    assert [act for _, act in acts(performer, Ear(), turn * 3)] == [Press("1")] * 3


def test_a_pause_is_counted_from_its_own_beginning() -> None:
    performer = Performer(scenario(script=[{"wait": 1}, {"wait": 1}, {"press": "5"}]))
    assert [when for when, _ in acts(performer, Ear(), "." * 150)] == [2.0]


def test_while_he_speaks_he_starts_nothing_else() -> None:
    performer = Performer(scenario(script=[{"say": "lin/dui"}]))
    assert performer.next_act(0.0, Ear(), busy=True) is None
    assert performer.next_act(0.1, Ear(), busy=False) == SayClip("lin/dui")
    assert performer.next_act(0.2, Ear(), busy=False) is None


def test_a_patient_person_hangs_up_at_last_and_once() -> None:
    performer, ear = Performer(scenario()), Ear()
    assert performer.next_act(0.0, ear, busy=False) is None
    assert performer.next_act(PATIENCE_SECONDS, ear, busy=True) == HangUp()
    assert performer.next_act(PATIENCE_SECONDS + 1, ear, busy=False) is None


def test_the_line_is_never_without_sound() -> None:
    mouth = Mouth(silence(0.06), Law.A)
    assert not mouth.busy
    assert [len(mouth.next_slot().payload) for _ in range(10)] == [160] * 10


def test_the_first_and_last_spoken_frame_of_a_clip_are_marked() -> None:
    mouth = Mouth(silence(0.02), Law.MU)
    mouth.say(silence(0.1) + clip_sound("lin/dui") + silence(0.2))
    slots = []
    while mouth.busy:
        slots.append(mouth.next_slot())
    first = [number for number, slot in enumerate(slots) if slot.first_word]
    last = [number for number, slot in enumerate(slots) if slot.last_word]
    assert len(first) == len(last) == 1
    assert 5 <= first[0] < last[0] < len(slots) - 10
    assert level_dbfs(slots[first[0]].payload, Law.MU) > -52


def test_keys_are_pressed_one_after_the_other_with_a_gap() -> None:
    mouth = Mouth(silence(0.02), Law.A)
    mouth.press("12")
    slots = [mouth.next_slot() for _ in range(32)]
    keys = [
        "." if slot.key_started_frames_ago is None else read_key(slot.payload)[0] for slot in slots
    ]
    assert "".join(keys) == "1" * 11 + "." * 5 + "2" * 11 + "." * 5
    assert [n for n, slot in enumerate(slots) if slot.first_word] == [0]
    assert [n for n, slot in enumerate(slots) if slot.last_word] == [26]
    assert not mouth.busy


def test_an_interruption_and_the_answer_to_it_are_timed() -> None:
    seen = CallObservation("+861", "x", 1, invited_at=0.0)
    hung_up: list[bool] = []
    talker = scenario(script=[{"interrupt": 1}, {"say": "lin/dui"}, {"wait": 1}, {"hang_up": True}])
    clips = {"lin/dui": clip_sound("lin/dui")}
    person = Person(talker, clips, Law.A, seen, lambda: hung_up.append(True))
    person.pick_up()
    for number in range(150):
        now = number * SLOT
        person.hear(LOUD if number < 60 or number >= 100 else QUIET, now)
        person.next_slot(now)
    [line] = seen.lines
    assert line.interrupted
    assert line.first_word_at == pytest.approx(1.05, abs=0.06)
    assert line.silenced_after_seconds == pytest.approx(1.18 - (line.first_word_at or 0), abs=0.02)
    assert line.answered_after_seconds == pytest.approx(2.0 - (line.last_word_at or 0), abs=0.02)
    assert hung_up == [True]


def test_announcements_are_played_to_their_end_before_what_follows() -> None:
    seen = CallObservation("+861", "x", 1, invited_at=0.0)
    refused = scenario(before=[{"early_media": ["lin/dui", "lin/dui"]}, {"reject": 480}])
    clips = {"lin/dui": clip_sound("lin/dui")}
    person = Person(refused, clips, Law.A, seen, lambda: None)
    over: list[int] = []
    for step in refused.before[:1]:
        person.announce(step, lambda: over.append(slot))  # type: ignore[arg-type]
    for slot in range(300):
        person.next_slot(slot * SLOT)
    frames = len(clips["lin/dui"]) / 320
    assert over == [pytest.approx(2 * (frames + 40), abs=3)]
    assert [line.what for line in seen.lines] == ["lin/dui", "lin/dui"]


def test_the_ninety_ninth_of_a_hundred() -> None:
    assert percentile_99(range(101)) == 99
    assert percentile_99([]) == 0


def test_a_new_source_is_counted_from_anew() -> None:
    reception = Reception()
    reception.add(packet(500), 0.0)
    reception.add(Packet(8, 7, 0, 2, b""), 0.02)
    report = reception.report()
    assert (report.packets, report.lost, report.duplicates) == (2, 0, 0)
