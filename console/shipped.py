"""The examples that come with Menling, in a source tree and in an installed program alike."""

from __future__ import annotations

from pathlib import Path

EXAMPLES = Path(__file__).with_name("examples")
"""In the source tree a link to `examples/`; an installed program has the files themselves."""


def example(name: str) -> Path:
    """Return an example file; raises FileNotFoundError when the installation is not complete."""
    path = EXAMPLES / name
    if not path.is_file():
        raise FileNotFoundError(
            f"{path} is missing, which is part of Menling: install Menling again."
        )
    return path
