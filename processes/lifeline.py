"""The line that ties a process to the one that started it."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def end_with(parent: int, last_signal: signal.Signals = signal.SIGKILL) -> bool:
    """Let the kernel end this process with its parent, however that ends; False: it is gone.

    It ends with the thread that started it, strictly (prctl(2), PR_SET_PDEATHSIG). Elsewhere than
    on Linux nothing happens.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, last_signal)
    return os.getppid() == parent
