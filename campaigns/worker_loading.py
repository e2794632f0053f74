"""What a worker, or the nursery it comes from, loads before the first call."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType

from campaigns.worker_people import load_for_browsers
from ivr.flow import flows, load_flow, load_flow_file
from ivr.flow_model import Flow
from ivr.nlu.understanding import prepare


@cache
def load_for_calls() -> Mapping[tuple[str, str], Flow]:
    """Load flows and phrases before the first call, so that no caller ever waits for them.

    What is loaded stays: taken out of the garbage collector's rounds, it can't hold up the
    frames of a call, which wait for the interpreter lock meanwhile. In a nursery the workers
    share it.
    """
    for language in {spoken for _, spoken in flows()}:
        prepare(language)
    shipped = {name: load_flow(*name) for name in flows()}
    gc.collect()
    gc.freeze()
    return MappingProxyType(shipped)


def load_for_people() -> None:
    """Load the same, and what people need who come into calls."""
    load_for_browsers()
    load_for_calls()


@lru_cache(maxsize=16)
def load_published(file: Path) -> Flow:
    """Return a published flow, whose file never changes; raises FlowError."""
    return load_flow_file(file)
