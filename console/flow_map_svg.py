"""Drawings from Graphviz text: `dot` lays them out, the text stays text, the source is named."""

from __future__ import annotations

import re
import subprocess
from hashlib import sha256

LIMIT_SECONDS = 60
_FONTS = re.compile(r' font-family="[^"]*"')
_GRAPH = re.compile(
    r'<svg width="(\d+)pt" height="(\d+)pt"\s+viewBox="([^"]*)"[^>]*>(.*?)</svg>', re.DOTALL
)
_ID = re.compile(r' id="[^"]*"')
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
    """Return the drawing of a Graphviz text, the last of its graphs beneath the others.

    Raises DrawingError when it can't be made.
    """
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
    drawing = _composed(_GRAPH.findall(done.stdout))
    fonts = _FONTS.search(drawing)
    if fonts:  # once is enough, and a third of the file is gone
        drawing = drawing.replace(fonts[0], "").replace("<svg", f"<svg{fonts[0]}", 1)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<!-- drawn from {digest_of(dot_text)} -->\n{drawing}"
    )


def _composed(drawings: list[tuple[str, str, str, str]]) -> str:
    """Return one drawing of several: the last beneath, the others in a row on top of it.

    Their ids, which nothing refers to, would not be unique and are left out.
    """
    left = top = widest = 0
    parts = []
    for number, (width, height, box, inside) in enumerate(drawings, 1):
        if number == len(drawings):
            left, top = 0, max((int(each[1]) for each in drawings[:-1]), default=0)
        parts.append(
            f'<svg x="{left}" y="{top}" width="{width}" height="{height}" viewBox="{box}">'
            f"{_ID.sub('', inside)}</svg>\n"
        )
        left += int(width)
        widest = max(widest, left)
    bottom = top + int(drawings[-1][1])
    return (
        f'<svg width="{widest}pt" height="{bottom}pt" viewBox="0 0 {widest} {bottom}" '
        'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">\n'
        f"{''.join(parts)}</svg>\n"
    )
