"""When does what somebody says begin to mean something? Not at 嗯, nor at 行行行."""

from __future__ import annotations

import re
from functools import cache

from asr.model_files import bundled_model
from asr.recognizer import SpeechModel
from audio_fixtures.clips import catalogue, clip_sound

SYLLABLE_SECONDS = 0.2
"""Where the recogniser tells too few words."""

_NO_MEANING_YET = re.compile(r"^(?:[嗯唔哦噢啊哎唉诶呃额对好行是喂的,，。!！]|那个|就是)+")
_MARKS = re.compile(r"[\W_]")


def meant_after_seconds(text: str, pcm: bytes, model: SpeechModel) -> float:
    """Return the seconds from the first sound to the first word that means something.

    By the recogniser's own times of the whole sentence.
    """
    found = _NO_MEANING_YET.match(text)
    before = len(_MARKS.sub("", found.group())) if found else 0
    if not before or before == len(_MARKS.sub("", text)):
        return 0.0
    recognizer = model.recognizer()
    recognizer.begin()
    recognizer.accept(pcm)
    begins = [
        word.began + (word.ended - word.began) * place / len(word.text)
        for word in recognizer.finish().words
        for place in range(len(word.text))
    ]
    return begins[before] - begins[0] if len(begins) > before else before * SYLLABLE_SECONDS


@cache
def clip_meant_after_seconds(clip: str) -> float:
    """Return the same for a clip of the fixtures."""
    return meant_after_seconds(catalogue()[clip].text, clip_sound(clip), _model())


@cache
def _model() -> SpeechModel:
    return SpeechModel(bundled_model())
