"""What the program notes of its own work: in a file, off the operator's screen."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from typing import Final

from campaigns.settings import Settings

LOG_BYTES: Final = 20 * 2**20
LOG_FILES: Final = 5
ENGINE_LOG: Final = "engine.log"
CONSOLE_LOG: Final = "console.log"


@contextmanager
def logged(settings: Settings, name: str = ENGINE_LOG) -> Iterator[None]:
    """Keep warnings and faults of this process in a file of the data folder, while it lasts."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(
        settings.data_dir / name, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()
