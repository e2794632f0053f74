from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Self

import onnxruntime
from numpy.typing import NDArray

class PhonemeType(StrEnum):
    ESPEAK = "espeak"
    TEXT = "text"
    PINYIN = "pinyin"

class PiperConfig:
    sample_rate: int
    espeak_voice: str
    phoneme_type: PhonemeType
    phoneme_id_map: Mapping[str, Sequence[int]]
    length_scale: float
    @classmethod
    def from_dict(cls, config: dict[str, Any]) -> Self: ...

class SynthesisConfig:
    def __init__(self, *, length_scale: float | None = None, volume: float = 1.0) -> None: ...

class PiperVoice:
    config: PiperConfig
    def __init__(self, session: onnxruntime.InferenceSession, config: PiperConfig) -> None: ...
    def phonemize(self, text: str) -> list[list[str]]: ...
    def phonemes_to_ids(self, phonemes: list[str]) -> list[int]: ...
    def phoneme_ids_to_audio(
        self, phoneme_ids: list[int], syn_config: SynthesisConfig | None = None
    ) -> NDArray[Any]: ...
