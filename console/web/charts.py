"""Charts as SVG, made on the server: bars by hour, a line in miniature, parts of a whole; pure.

Colours are classes of the style sheet (`tone-…`), so that charts follow light and dark, and no
chart needs a script or a style of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup, escape

BAR: Final = 14
GAP: Final = 4
HEIGHT: Final = 96
FOOT: Final = 16
"""Room for the labels below the bars."""
WHOLE: Final = 1000
"""Width of a bar of parts, before it is stretched."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a whole."""

    label: str
    count: int
    tone: str
    """A word of the style sheet: good, warn, bad, info, calm, faint, none; -2 and -3 are paler."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of several layers, the lowest first."""

    label: str
    """Below the bar; may be empty."""
    told: str
    """What is read out and shown when one points at it."""
    layers: tuple[tuple[str, int], ...]
    """Tone and height of each."""


def bars(title: str, of: Sequence[Bar]) -> Markup:
    """Return bars side by side, all on the scale of the highest one."""
    highest = max((sum(height for _, height in bar.layers) for bar in of), default=0) or 1
    width = max(1, len(of)) * (BAR + GAP)
    drawn = Markup("").join(
        _bar(bar, place * (BAR + GAP), HEIGHT / highest) for place, bar in enumerate(of)
    )
    return Markup(
        '<svg class="chart bars" role="img" aria-label="{title}" '
        'viewBox="0 0 {width} {height}" preserveAspectRatio="none">{drawn}'
        '<line class="axis" x1="0" x2="{width}" y1="{foot}" y2="{foot}"/></svg>'
    ).format(title=title, width=width, height=HEIGHT + FOOT, drawn=drawn, foot=HEIGHT)


def sparkline(title: str, values: Sequence[float]) -> Markup:
    """Return a line in miniature, from the oldest value to the newest."""
    highest = max(values, default=0.0) or 1.0
    step = 100 / max(1, len(values) - 1)
    points = " ".join(
        f"{place * step:.1f},{23 - 22 * value / highest:.1f}" for place, value in enumerate(values)
    )
    return Markup(
        '<svg class="chart sparkline" role="img" aria-label="{title}" viewBox="0 0 100 24" '
        'preserveAspectRatio="none"><polyline points="{points}"/></svg>'
    ).format(title=title, points=points)


def parts(title: str, of: Sequence[Part]) -> Markup:
    """Return a bar of the parts of a whole, as wide as there is room; empty ones are left out."""
    whole = sum(part.count for part in of)
    drawn, left = Markup(""), 0.0
    for part in of:
        if not part.count:
            continue
        width = WHOLE * part.count / whole
        drawn += Markup(
            '<rect class="tone-{tone}" x="{left}" y="0" width="{width}" height="12">'
            "<title>{told}</title></rect>"
        ).format(
            tone=part.tone,
            left=f"{left:.1f}",
            width=f"{width:.1f}",
            told=f"{part.label} {part.count}",
        )
        left += width
    told = ", ".join(f"{part.label} {part.count}" for part in of if part.count)
    return Markup(
        '<svg class="chart parts" role="img" aria-label="{title}" viewBox="0 0 {whole} 12" '
        'preserveAspectRatio="none">'
        '<rect class="tone-none" x="0" y="0" width="{whole}" height="12"/>{drawn}</svg>'
    ).format(title=f"{title}: {told}" if told else title, whole=WHOLE, drawn=drawn)


def _bar(bar: Bar, left: float, scale: float) -> Markup:
    drawn, top = Markup(""), float(HEIGHT)
    for tone, count in bar.layers:
        height = count * scale
        top -= height
        drawn += Markup(
            '<rect class="tone-{tone}" x="{left}" y="{top}" width="{width}" height="{height}"/>'
        ).format(tone=tone, left=left, top=f"{top:.1f}", width=BAR, height=f"{height:.1f}")
    label = Markup('<text x="{middle}" y="{y}">{label}</text>').format(
        middle=left + BAR / 2, y=HEIGHT + FOOT - 4, label=bar.label
    )
    return Markup("<g><title>{told}</title>{drawn}{label}</g>").format(
        told=escape(bar.told), drawn=drawn, label=label
    )
