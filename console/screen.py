"""The screen: sentences for people on a terminal, whole lines for programs on a pipe."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

screen = Console(markup=False, emoji=False)
"""What people and calls say may hold brackets and colons, which mean nothing here."""


def say(text: str, style: str = "", console: Console = screen) -> None:
    """Print a sentence as it is; on a pipe it stays one line, so that programs can search it."""
    console.print(Text(text, style), soft_wrap=not console.is_terminal)


def complain(text: str) -> None:
    """Print what went wrong where errors go."""
    console = Console(stderr=True)
    message = Text.assemble(("Error: ", "bold red"), text)
    console.print(message, soft_wrap=not console.is_terminal)


def typed_lines(prompt: str) -> Iterator[str]:
    """Ask for lines until the input ends."""
    while True:
        try:
            line = screen.input(prompt, markup=False)
        except EOFError:
            return
        yield line
