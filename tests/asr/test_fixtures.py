"""Every recorded caller through the whole ear: voice detection, endpointing, recognition."""

from __future__ import annotations

import asyncio

import pytest

from asr.amd import Answerer, Heard, who_answers
from asr.announcements import Announcement, announcement_in
from asr.hearing import Utterance
from asr.listener import Listener
from asr.local_stream import LocalStream
from asr.recognizer import SpeechModel
from asr.vad import WebRtcVoiceDetector
from audio.pcm import frames, seconds, silence
from audio_fixtures.clips import catalogue, clip_sound
from audio_fixtures.corpus.ear import edits

pytestmark = pytest.mark.vosk

LARGEST_ERROR_RATE = 0.02


def hear(model: SpeechModel, clip: str) -> list[Utterance]:
    async def listen() -> list[Utterance]:
        listener = Listener(LocalStream(model), WebRtcVoiceDetector())
        found: list[Utterance] = []
        for frame in frames(silence(0.5) + clip_sound(clip) + silence(1.2)):
            found += [each for each in await listener.hear(frame) if isinstance(each, Utterance)]
        return found

    return asyncio.run(listen())


def test_the_simulated_callers_are_heard_almost_without_error(model: SpeechModel) -> None:
    wanted = heard_wrong = split = 0
    for clip in catalogue().values():
        if clip.voice is None:
            continue
        utterances = hear(model, clip.id)
        wanted += len(clip.words)
        heard_wrong += edits(clip.words, "".join(each.text for each in utterances))
        split += len(utterances) != 1
        assert utterances[0].began == pytest.approx(0.5, abs=0.15), clip.id
        assert utterances[-1].ended <= 0.5 + seconds(clip_sound(clip.id)) + 0.1, clip.id
    assert heard_wrong / wanted <= LARGEST_ERROR_RATE
    assert split == 0


@pytest.mark.parametrize("sound", ["beep", "busy", "ringback"])
def test_tones_are_not_heard_as_speech(sound: str, model: SpeechModel) -> None:
    assert hear(model, f"sound/{sound}") == []


@pytest.mark.parametrize("sound", ["mumble", "lorry"])
def test_a_rumble_is_speech_without_words(sound: str, model: SpeechModel) -> None:
    assert [each.text for each in hear(model, f"sound/{sound}")] == [""]


@pytest.mark.parametrize(
    ("clip", "kind"),
    [
        ("switched_off", Announcement.SWITCHED_OFF),
        ("vacant_number", Announcement.VACANT_NUMBER),
        ("suspended", Announcement.SUSPENDED),
        ("unreachable", Announcement.OUT_OF_REACH),
        ("in_a_call", Announcement.BUSY_TALKING),
        ("voicemail", None),
    ],
)
def test_announcements_are_understood_from_their_sound(
    clip: str, kind: Announcement | None, model: SpeechModel
) -> None:
    text = "".join(each.text for each in hear(model, f"carrier/{clip}"))
    assert announcement_in(text) is kind


def test_a_voicemail_is_known_from_its_greeting(model: SpeechModel) -> None:
    heard = [Heard(u.text, u.began, u.ended) for u in hear(model, "carrier/voicemail")]
    assert who_answers(heard).answerer is Answerer.VOICEMAIL
