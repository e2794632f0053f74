"""Opens a model with the engine it is made for."""

from __future__ import annotations

from pathlib import Path

from asr.engine import RecognitionModel
from asr.model_files import EngineName, read_model_files


def open_model(path: Path) -> RecognitionModel:
    """Load the model of a folder; raises ModelError when it, or its engine, is missing or broken.

    An engine is imported only when a model needs it.
    """
    if read_model_files(path).engine is EngineName.SHERPA:
        from asr.sherpa import SherpaModel

        return SherpaModel(path)
    from asr.recognizer import SpeechModel

    return SpeechModel(path)
