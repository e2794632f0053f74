"""Drawings from Graphviz text: `dot` lays them out, the text stays text, the source is named."""

from __future__ import annotations

import re
import subprocess
from hashlib import sha256

LIMIT_SECONDS = 60
_FONTS = re.compile(r' font-family="[^"]*"')
_STAMP = re.compile(r"<!-- drawn from ([0-9a-f]{64}) -->")


class DrawingError(Exception):
    """A map that can't be drawn; says what to do."""


def digest_of(dot_text: str) -> str:
    """Return what tells whether a drawing is of this text: Graphviz draws it a bit differently in
    each of its versions."""
    return sha256(dot_text.encode()).hexdigest()


def drawn_from(svg: str) -> str:
    """Return the digest of the text that a drawing was made from; empty when it doesn't say."""
    found = _STAMP.search(svg)
    return found[1] if found else ""


def svg_of(dot_text: str) -> str:
    """Return the drawing of a Graphviz text. Raises DrawingError when it can't be made."""
    try:
        done = subprocess.run(
            ["dot", "-Tsvg"],
            input=dot_text,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=LIMIT_SECONDS,
            check=False,
        )
    except FileNotFoundError as error:
        raise DrawingError(
            "Maps are drawn by Graphviz, which isn't here. Install it: apt-get install graphviz "
            "(macOS: brew install graphviz; Windows: winget install graphviz)."
        ) from error
    except subprocess.TimeoutExpired as error:
        raise DrawingError(
            f"Graphviz didn't finish in {LIMIT_SECONDS} s; draw fewer flows at once."
        ) from error
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise DrawingError(f"Graphviz can't draw the map ({said[-1] if said else 'no reason'}).")
    drawing = done.stdout[done.stdout.index("<svg") :]
    fonts = _FONTS.search(drawing)
    if fonts:  # once is enough, and a third of the file is gone
        drawing = drawing.replace(fonts[0], "").replace("<svg", f"<svg{fonts[0]}", 1)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<!-- drawn from {digest_of(dot_text)} -->\n{drawing}"
    )
