from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from asr.arithmetic import best_kernels, prepare_arithmetic, processor_flags

AVX2 = frozenset({"sse2", "avx", "avx2", "fma"})
AVX512 = AVX2 | {"avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"}


@pytest.mark.parametrize(
    ("flags", "kernels"),
    [
        (AVX512 | {"amx_int8", "avx512_bf16"}, "SkylakeX"),
        (AVX512 - {"avx512vl"}, "Haswell"),
        (AVX2, "Haswell"),
        (AVX2 - {"fma"}, ""),
        (frozenset({"sse2"}), ""),
        (frozenset(), ""),
    ],
)
def test_no_kernel_needs_an_instruction_the_processor_lacks(
    flags: frozenset[str], kernels: str
) -> None:
    assert best_kernels(flags) == kernels


def test_an_instruction_counts_when_every_processor_has_it() -> None:
    cpuinfo = "processor\t: 0\nflags\t\t: fpu avx2 fma\n\nprocessor\t: 1\nflags\t\t: fpu fma\n"
    assert processor_flags(cpuinfo) == {"fpu", "fma"}
    assert processor_flags("processor : 0\nFeatures : neon\n") == frozenset()


def test_what_the_operator_has_set_stays() -> None:
    environment = {"OPENBLAS_CORETYPE": "Zen", "OPENBLAS_NUM_THREADS": "2"}
    prepare_arithmetic(environment)
    assert environment == {"OPENBLAS_CORETYPE": "Zen", "OPENBLAS_NUM_THREADS": "2"}


@pytest.mark.vosk
def test_the_recogniser_computes_with_the_best_kernels_of_this_processor() -> None:
    kernels = best_kernels(processor_flags(Path("/proc/cpuinfo").read_text()))
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from asr.arithmetic import prepare_arithmetic; prepare_arithmetic(); import vosk",
        ],
        env={**os.environ, "OPENBLAS_VERBOSE": "2"},
        capture_output=True,
        text=True,
        check=True,
    )
    said = done.stdout + done.stderr
    assert "Core not found" not in said
    assert f"Core: {kernels}" in said
