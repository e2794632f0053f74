"""Piper: a voice file the user has, one sentence in, telephone sound out. The only importer of it.

Mandarin reaches Piper as our pinyin, so that a polyphone sounds the same in every voice: through
Piper's espeak-ng for voices trained on its phonemes, as initial, final and tone for those trained
on pinyin. (Piper's own way to pinyin fetches a model from the network.)
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from piper import PhonemeType, PiperConfig, PiperVoice, SynthesisConfig

from audio.pcm import seconds
from tts.loudness import level_for
from tts.script import script_for
from tts.shaping import pcm_of, telephone
from tts.speech import PLAIN, Manner, SpeechError, Voice
from tts.stretch import SLOW_RATE

USUAL_RATE = 200
"""The rate at which a voice speaks as fast as it was trained to."""

_LEAST_SECONDS = 0.05
_THREADS = 1
"""Calls that are being held need the other cores."""
_PINYIN_VOICE = "cmn-latn-pinyin"
_INITIALS = re.compile(r"(zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?([a-z]+)([1-5])([,;:.!?]?)")
_NO_INITIAL = "\xd8"


class PiperSynthesizer:
    """Voices that were loaded, used by one thread of one process."""

    def __init__(self) -> None:
        self._voices: dict[tuple[str, str], PiperVoice] = {}

    def speak(self, text: str, voice: Voice, manner: Manner = PLAIN) -> bytes:
        """Return the telephone sound of one sentence.

        Raises SpeechError when the text can't be said, the voice file can't be used, or nothing
        comes of it.
        """
        script = script_for(text, voice)
        speaker = self._voice(voice)
        rate = voice.rate * SLOW_RATE if manner.slow else voice.rate
        settings = SynthesisConfig(
            length_scale=speaker.config.length_scale * USUAL_RATE / rate, volume=voice.volume
        )
        try:
            parts = [
                np.asarray(speaker.phoneme_ids_to_audio(list(ids), settings), np.float64).ravel()
                for ids in _phoneme_ids(speaker, script, voice)
            ]
        # onnxruntime raises exceptions of its own that derive from nothing nearer
        except Exception as error:
            raise SpeechError(f"Piper can't say the sentence: {error}") from error
        samples = np.concatenate(parts) if parts else np.zeros(0)
        pcm = pcm_of(np.clip(np.nan_to_num(samples), -1, 1))
        sound = telephone(pcm, speaker.config.sample_rate, level_for(loud=manner.loud))
        if seconds(sound) < _LEAST_SECONDS:
            raise SpeechError("Piper gave an empty sound; check speech.voice_file and the text")
        return sound

    def _voice(self, voice: Voice) -> PiperVoice:
        known = voice.name, voice.edition
        if known not in self._voices:
            self._voices[known] = _load(Path(voice.name), voice.language)
        return self._voices[known]


def _load(path: Path, language: str) -> PiperVoice:
    settings = path.with_name(f"{path.name}.json")
    for file in (path, settings):
        if not file.is_file():
            raise SpeechError(
                f"{file} is not there; a Piper voice is NAME.onnx with NAME.onnx.json beside it. "
                "Set speech.voice_file"
            )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = _THREADS
    try:
        config = PiperConfig.from_dict(json.loads(settings.read_text("utf-8")))
        session = onnxruntime.InferenceSession(
            str(path), sess_options=options, providers=["CPUExecutionProvider"]
        )
    # onnxruntime raises exceptions of its own that derive from nothing nearer
    except Exception as error:
        raise SpeechError(f"{path} is not a Piper voice: {error}") from error
    if config.phoneme_type is PhonemeType.ESPEAK and language.startswith("zh"):
        config.espeak_voice = _PINYIN_VOICE
    return PiperVoice(session=session, config=config)


def _phoneme_ids(speaker: PiperVoice, script: str, voice: Voice) -> Iterator[Sequence[int]]:
    if speaker.config.phoneme_type is PhonemeType.PINYIN and voice.language.startswith("zh"):
        yield pinyin_ids(script, speaker.config.phoneme_id_map)
        return
    for phonemes in speaker.phonemize(script):
        if phonemes:
            yield speaker.phonemes_to_ids(phonemes)


def pinyin_ids(script: str, ids: Mapping[str, Sequence[int]]) -> list[int]:
    """Return numbered pinyin as the ids of a voice that was trained on pinyin.

    Each syllable is initial, final, tone and a pad, each stop itself and a pad.
    """
    found = [*ids["^"]]
    for initial, final, tone, stop in _INITIALS.findall(script):
        for symbol in (initial or _NO_INITIAL, final, tone):
            found += ids.get(symbol, ())
        found += ids["_"]
        if stop and stop in ids:
            found += [*ids[stop], *ids["_"]]
    return [*found, *ids["$"]]
