from __future__ import annotations

import numpy as np
import pytest

from asr.announcements import Announcement
from asr.early_media import EarlyKind, EarlyMedia, EarlyVerdict
from audio.level import busy, congestion, pcm_of, ringback, tone
from audio.pcm import SAMPLE_RATE, frames, silence


def melody(seconds: float) -> bytes:
    notes = (440.0, 523.0, 659.0, 587.0, 784.0, 523.0, 698.0)
    count = round(seconds / 0.4)
    return b"".join(
        pcm_of(
            0.1
            * sum(
                np.sin(2 * np.pi * notes[at % 7] * part * np.arange(3200) / SAMPLE_RATE) / part
                for part in (1, 2, 3)
            )
        )
        for at in range(count)
    )


def after(pcm: bytes, *texts: str) -> EarlyVerdict:
    early = EarlyMedia()
    for frame in frames(pcm):
        early.hear(frame)
    for text in texts:
        early.said(text)
    return early.verdict()


@pytest.mark.parametrize(
    ("pcm", "kind", "final"),
    [
        (b"", EarlyKind.NONE, False),
        (silence(3.0), EarlyKind.QUIET, False),
        (ringback(1), EarlyKind.RINGBACK, False),
        (busy(4), EarlyKind.BUSY_TONE, True),
        (congestion(3), EarlyKind.CONGESTION_TONE, True),
        (melody(4.0), EarlyKind.MELODY, False),
        (ringback(1) + melody(4.0), EarlyKind.MELODY, False),
        (melody(4.0) + busy(4), EarlyKind.BUSY_TONE, True),
        (ringback(2) + busy(4), EarlyKind.BUSY_TONE, True),
    ],
)
def test_sounds_before_the_answer(pcm: bytes, kind: EarlyKind, final: bool) -> None:
    assert after(pcm) == EarlyVerdict(kind, final)


def test_words_count_more_than_the_melody_or_the_signal_around_them() -> None:
    off = EarlyVerdict(Announcement.SWITCHED_OFF, is_final=True)
    assert after(melody(4.0), "您拨打的电话已关机") == off
    assert after(busy(4), "您拨打的电话已关机") == off


def test_the_first_reason_stays_whatever_the_second_language_sounds_like() -> None:
    said = ("您拨打的号码是空号", "宁波打的电话已关机")
    assert after(b"", *said).kind is Announcement.VACANT_NUMBER


def test_a_reason_takes_the_place_of_a_reminder_and_of_a_transfer() -> None:
    assert after(b"", "来电提醒业务", "您拨打的电话已关机").kind is Announcement.SWITCHED_OFF
    assert after(b"", "正在为您转接", "您拨打的用户正忙").kind is Announcement.BUSY_TALKING
    assert after(b"", "您拨打的电话已关机", "短信通知").kind is Announcement.SWITCHED_OFF


def test_who_is_asked_to_hold_the_line_waits() -> None:
    verdict = after(b"", "请不要挂机您拨打的用户正在通话中")
    assert verdict == EarlyVerdict(Announcement.WAITING, is_final=False)


def test_what_a_melody_sings_is_no_announcement() -> None:
    early = EarlyMedia()
    assert early.said("月亮代表我的心") is None
    assert early.verdict().kind is EarlyKind.NONE


def test_three_rising_tones_wait_for_their_words_but_not_for_ever() -> None:
    rising = tone(950, 0.33) + tone(1400, 0.33) + tone(1800, 0.33)
    waiting = after(rising + silence(2.0))
    assert waiting == EarlyVerdict(EarlyKind.SPECIAL_TONE, is_final=False)
    assert after(rising + silence(14.0)).is_final
    assert after(rising, "号码不存在").kind is Announcement.VACANT_NUMBER
