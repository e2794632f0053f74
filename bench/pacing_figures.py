"""What runs of diallers came to: a table and a drawing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from bench.pacing_world import Figures

ENOUGH = 34
"""Fewer answers than that can't hold a single abandon below 3 %."""
_BARS = (("ours", "#2f6fab"), ("hard limit", "#b98a2f"), ("progressive", "#9aa7b4"))


@dataclass(frozen=True, slots=True)
class Run:
    """One day of one dialler."""

    scenario: str
    dialler: str
    seed: int
    utilisation: float
    """Share of their time that agents talked or wrote."""
    abandoned: float
    """Share of those who answered."""
    worst: float
    """The highest share, at any moment from the 34th answer on, of all answers until then."""


def run_of(scenario: str, dialler: str, seed: int, figures: Figures) -> Run:
    """Return what a day came to."""
    answers = abandoned = 0
    worst = 0.0
    for _, lost in figures.answers:
        answers, abandoned = answers + 1, abandoned + lost
        if answers >= ENOUGH:
            worst = max(worst, abandoned / answers)
    return Run(
        scenario,
        dialler,
        seed,
        figures.busy_seconds / max(1.0, figures.present_seconds),
        figures.abandoned / max(1, figures.reached),
        worst,
    )


def grouped(runs: Sequence[Run]) -> dict[str, dict[str, list[Run]]]:
    """Return the runs by scenario and dialler, in the order of their first coming."""
    found: dict[str, dict[str, list[Run]]] = {}
    for each in runs:
        found.setdefault(each.scenario, {}).setdefault(each.dialler, []).append(each)
    return found


def table(runs: Sequence[Run], diallers: Sequence[str]) -> str:
    """Return a Markdown table: utilisation, and the abandons of the whole day and at worst."""
    lines = [
        "| | " + " | ".join(diallers) + " |",
        "|---" * (len(diallers) + 1) + "|",
    ]
    for scenario, by_dialler in grouped(runs).items():
        cells = [_cell(by_dialler.get(each, [])) for each in diallers]
        lines.append(f"| {scenario} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(runs: Sequence[Run]) -> str:
    if not runs:
        return "-"
    busy = 100 * fmean(each.utilisation for each in runs)
    lost = 100 * fmean(each.abandoned for each in runs)
    worst = 100 * max(each.worst for each in runs)
    text = f"{busy:.1f} · {lost:.1f} / {worst:.1f}"
    return f"**{text}**" if worst <= 3.0 else text


def drawing(runs: Sequence[Run]) -> str:
    """Return an SVG: how busy agents were in each scenario, and the share abandoned."""
    scenarios = grouped(runs)
    height = 70 + 58 * len(scenarios)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 880 {height}" '
        'font-family="sans-serif" font-size="13" role="img" '
        'aria-label="How busy agents were, and how many people were abandoned">',
        f'<rect width="880" height="{height}" fill="#fff"/>',
        '<text x="20" y="24" font-weight="bold" fill="#1d2b38">Time that agents talked or wrote, %'
        "; beside it people abandoned, %</text>",
    ]
    for at, (name, colour) in enumerate(_BARS):
        x = 200 + 170 * at
        parts.append(f'<rect x="{x}" y="34" width="14" height="12" fill="{colour}"/>')
        parts.append(f'<text x="{x + 20}" y="45" fill="#46586a">{name}</text>')
    for row, (scenario, by_dialler) in enumerate(scenarios.items()):
        parts += _row(70 + 58 * row, scenario, by_dialler)
    return "\n".join([*parts, "</svg>", ""])


def _row(top: int, scenario: str, by_dialler: Mapping[str, Sequence[Run]]) -> list[str]:
    parts = [f'<text x="20" y="{top + 26}" fill="#1d2b38">{scenario}</text>']
    for at, (name, colour) in enumerate(_BARS):
        found = by_dialler.get(name, [])
        if not found:
            continue
        busy = 100 * fmean(each.utilisation for each in found)
        lost = 100 * fmean(each.abandoned for each in found)
        y = top + 15 * at
        shade = "#b03030" if max(each.worst for each in found) > 0.03 else "#46586a"
        parts.append(
            f'<rect x="200" y="{y}" width="{5.2 * busy:.0f}" height="12" fill="{colour}"/>'
        )
        parts.append(
            f'<text x="{206 + 5.2 * busy:.0f}" y="{y + 11}" font-size="11" fill="{shade}">'
            f"{busy:.0f} · {lost:.1f}</text>"
        )
    return parts
