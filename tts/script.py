"""A sentence as an engine is given it."""

from __future__ import annotations

from tts.free_text import speakable
from tts.free_text_en import speakable as speakable_english
from tts.readings import UnspeakableError, pinyin, romanised
from tts.speech import SpeechError, Voice

MOST_CHARACTERS = 600


def script_for(text: str, voice: Voice) -> str:
    """Return what the engine is given: pinyin for Mandarin, words without figures for English.

    Raises SpeechError when nothing can be said or something can't.
    """
    if len(text) > MOST_CHARACTERS:
        raise SpeechError(
            f"a sentence of {len(text)} characters is too long to say in one breath; "
            f"split it below {MOST_CHARACTERS}"
        )
    try:
        if voice.language.startswith("zh"):
            script = pinyin(speakable(text))
        else:
            script = speakable_english(romanised(text))
    except UnspeakableError as error:
        raise SpeechError(str(error)) from error
    if not any(char.isalnum() for char in script):
        raise SpeechError(f"there is nothing to say in {text!r}")
    return script
