from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import pytest

Alone = Callable[..., Any]


@pytest.fixture(scope="session")
def alone() -> Iterator[Alone]:
    """Run a function in another process: libespeak-ng can't be started twice in one.

    The synthesiser that speaks on calls starts it as well, in the process of its own tests.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        yield lambda function, *arguments: executor.submit(function, *arguments).result()
