"""Load a model and decode a second of sound: `python -m asr.smoke DIRECTORY`.

A process of its own, because the engine may abort on a damaged model.
"""

from __future__ import annotations

import sys
from pathlib import Path

from asr.engine import RecognizerError
from asr.engines import open_model
from asr.model_files import ModelError
from audio.level import tone
from audio.pcm import silence


def main(arguments: list[str]) -> int:
    """Return the exit status: 0 when the model can be used."""
    try:
        recognizer = open_model(Path(arguments[0])).recognizer()
        recognizer.begin()
        recognizer.accept(silence(0.3) + tone(440.0, 0.4) + silence(0.3))
        recognizer.finish()
    except (ModelError, RecognizerError) as error:
        print(error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
