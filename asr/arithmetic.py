"""Which of its matrix kernels a bundled OpenBLAS should use on this processor.

A library older than the processor does not know it and falls back to kernels of 2004, which
decode speech at half the speed. The variable OPENBLAS_CORETYPE names better ones; it is read when
the library is loaded. Kernels for instructions a processor lacks would end the process, so only
what the processor itself lists is named.
"""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from pathlib import Path

KERNELS_VARIABLE = "OPENBLAS_CORETYPE"
THREADS_VARIABLE = "OPENBLAS_NUM_THREADS"

_NEEDS = (
    ("SkylakeX", frozenset({"avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl", "fma"})),
    ("Haswell", frozenset({"avx2", "fma"})),
)
"""Names of kernels, best first, with the instructions they are compiled for."""


def best_kernels(flags: frozenset[str]) -> str:
    """Return the name of the best kernels for a processor with these instructions, or nothing."""
    return next((name for name, needs in _NEEDS if needs <= flags), "")


def processor_flags(cpuinfo: str) -> frozenset[str]:
    """Return the instructions that every processor in the text of /proc/cpuinfo has."""
    lists = [
        frozenset(line.partition(":")[2].split())
        for line in cpuinfo.splitlines()
        if line.startswith("flags")
    ]
    return frozenset.intersection(*lists) if lists else frozenset()


def prepare_arithmetic(environment: MutableMapping[str, str] = os.environ) -> None:
    """Set how OpenBLAS computes in this process; call it before anything loads the library.

    One thread, because a decoder uses one core and more would spin against each other. What an
    operator has set stays.
    """
    environment.setdefault(THREADS_VARIABLE, "1")
    try:
        flags = processor_flags(Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    except OSError:
        return
    if kernels := best_kernels(flags):
        environment.setdefault(KERNELS_VARIABLE, kernels)
