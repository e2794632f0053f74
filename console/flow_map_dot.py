"""Graphviz text: quoting, and tables in the place of labels.

Every cell is made as wide as its text is thought to be, so that a machine without Chinese fonts
makes room for them all the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from console.flow_map_text import width

FONTS = (
    "Noto Sans CJK SC, Noto Sans SC, Source Han Sans SC, PingFang SC, Microsoft YaHei, "
    "WenQuanYi Micro Hei, Helvetica, Arial, sans-serif"
)
"""Looked for where the drawing is shown; no font is part of it."""


class Ink(StrEnum):
    """The colours of the map."""

    TEXT = "#1d2b38"
    FAINT = "#5d6f80"
    LINE = "#8496a8"
    PAPER = "#ffffff"
    STAGE = "#f4f7fa"
    QUESTION = "#e6f0fa"
    QUESTION_LINE = "#4d7ea8"
    BRANCH = "#fdf3dc"
    BRANCH_LINE = "#b98a2f"
    SETTLED = "#e3f4e4"
    SETTLED_LINE = "#4f8a4f"
    EXCEPTION = "#fbe4e1"
    EXCEPTION_LINE = "#c0392b"
    UNFINISHED = "#eceff1"
    UNFINISHED_LINE = "#7b8790"
    HOT = "#d35400"
    HEAT = "#f5b041"


@dataclass(frozen=True, slots=True)
class Style:
    """How a cell looks."""

    size: float = 10.0
    bold: bool = False
    ink: str = Ink.TEXT
    fill: str = ""
    align: str = "LEFT"
    columns: int = 1
    ems: float = 0.0
    """The cell is at least so wide."""


PLAIN = Style()


def quoted(text: str) -> str:
    """Return a text as Graphviz reads it back unchanged."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def attributes(**values: object) -> str:
    """Return a list of attributes in the order given; a value that begins with < is a table."""
    told = ", ".join(f"{name}={_value(value)}" for name, value in values.items() if value != "")
    return f"[{told}]"


def blended(colour: str, other: str, share: float) -> str:
    """Return a colour between two of them; share 0 is the first, 1 the other one."""
    pairs = ((int(colour[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def cell(lines: Sequence[str], style: Style = PLAIN) -> str:
    """Return a table's cell with these lines."""
    lines = [line or " " for line in lines] or [" "]
    widest = max(style.ems, *(width(line) for line in lines))
    room = math.ceil(widest * style.size * (1.06 if style.bold else 1))
    text = f'<BR ALIGN="{style.align}"/>'.join(_escaped(line) for line in lines)
    if len(lines) > 1:
        text += f'<BR ALIGN="{style.align}"/>'
    if style.bold:
        text = f"<B>{text}</B>"
    fill = f' BGCOLOR="{style.fill}"' if style.fill else ""
    span = f' COLSPAN="{style.columns}"' if style.columns > 1 else ""
    return (
        f'<TD ALIGN="{style.align}" BALIGN="{style.align}" WIDTH="{room}"{fill}{span}>'
        f'<FONT POINT-SIZE="{style.size:g}" COLOR="{style.ink}">{text}</FONT></TD>'
    )


def table(
    rows: Iterable[Sequence[str]], *, line: str = "", thick: float = 1, fill: str = "", pad: int = 3
) -> str:
    """Return a table as a label; without the colour of a line it has no border."""
    border = f'BORDER="{thick:g}" COLOR="{line}" STYLE="ROUNDED"' if line else 'BORDER="0"'
    background = f' BGCOLOR="{fill}"' if fill else ""
    body = "".join(f"<TR>{''.join(cells)}</TR>" for cells in rows)
    return (
        f'<<TABLE {border}{background} CELLBORDER="0" CELLSPACING="0" CELLPADDING="{pad}">'
        f"{body}</TABLE>>"
    )


def _value(value: object) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text if text.startswith("<<") else quoted(text)


def _escaped(text: str) -> str:
    return (
        text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    )
