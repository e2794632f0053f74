"""What a benchmark of cost says is right; what it measures is for quiet machines."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from audio_fixtures.clips import clip_sound
from audio_fixtures.script import SayClip
from bench.capacity import Cost, table
from bench.processor_time import proportional_megabytes
from bench.talkers import SENTENCES, conversation, talkers, voice_seconds

ROOT = Path(__file__).resolve().parents[2]


def test_the_benchmark_says_how_it_is_used() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.capacity", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "python -m bench.capacity --calls 8,16,24,32" in done.stdout


def test_a_talker_talks_the_share_of_the_time_he_is_told() -> None:
    acts = list(conversation(0, 300.0, 0.4))[1:]
    spoken = sum(voice_seconds(act.clip) for act in acts if isinstance(act, SayClip))
    lasted = sum(
        len(clip_sound(act.clip)) / 16000 if isinstance(act, SayClip) else act for act in acts
    )
    assert spoken / lasted == pytest.approx(0.4, abs=0.005)
    assert min(act for act in acts if not isinstance(act, SayClip)) > 0


def test_talkers_begin_with_different_sentences(tmp_path: Path) -> None:
    people = talkers(tmp_path / "people", calls=4, seconds=20.0, share=0.4)
    scripts = [path.read_text(encoding="utf-8") for path in sorted(people.folder.glob("*.yaml"))]
    firsts = [script[script.index("say: ") :].split()[1] for script in scripts]
    assert sorted(firsts) == sorted(SENTENCES)
    assert len(people.parcels) == 4


def test_cost_is_told_per_call_and_memory_per_further_call() -> None:
    parts = ("engine", "workers", "recognisers", "synthesiser")
    eight = Cost(8, 30.0, dict.fromkeys(parts, 1.2), dict.fromkeys(parts, 100.0), 0)
    sixteen = Cost(16, 30.0, dict.fromkeys(parts, 1.8), dict.fromkeys(parts, 120.0), 0)
    text = table([eight, sixteen])
    assert "| workers, % of a core per call | 0.50 | 0.38 |" in text
    assert "| **all of it, % of a core per call** | **2.00** | **1.50** |" in text
    assert "| **calls per core** | **50** | **67** |" in text
    assert "| **memory per further call, MB** | - | **10.0** |" in text


def test_memory_is_that_of_the_processes_that_live() -> None:
    gone = 0x7FFFFFFF
    assert proportional_megabytes([gone]) == 0.0
    assert proportional_megabytes([os.getpid(), gone]) > 10.0
