"""libespeak-ng hangs when two parts of one process start it; the second is told so instead."""

from __future__ import annotations

import subprocess
import sys

import pytest

SYNTHESISER = "from tts.synthesizer import Synthesizer; Synthesizer()"
TRAINING = "from asr.training.espeak import say; say('ni3', 'cmn-latn-pinyin')"


@pytest.mark.tts
@pytest.mark.parametrize(
    ("program", "refusal"),
    [
        (f"{SYNTHESISER}; {TRAINING}", "the synthesiser of pyttsx3 has started it"),
        (f"{TRAINING}; {SYNTHESISER}", "the speech of training has started it"),
    ],
    ids=["training-after-calls", "calls-after-training"],
)
def test_who_starts_the_engine_second_is_refused(program: str, refusal: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert refusal in done.stderr
