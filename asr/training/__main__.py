"""`python -m asr.training`: build a recognition model."""

from __future__ import annotations

import os
from importlib import import_module

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def main() -> None:
    """Run the command with one thread per process, which numpy must know before it is imported."""
    for variable in _THREADS:
        os.environ[variable] = "1"
    try:
        command = import_module("asr.training.command")
    except ModuleNotFoundError as error:
        raise SystemExit(
            f"{error.name} is missing; run `pip install 'menling[training]'`"
        ) from error
    command.main()


if __name__ == "__main__":
    main()
