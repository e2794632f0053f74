"""The files of a flow map: one drawing of everything, one of each conversation, and a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from console.flow_map_chart import chart_dot
from console.flow_map_figures import FlowFigures
from console.flow_map_overview import overview_dot
from ivr.flow_model import Flow

OVERVIEWS = {"zh-CN": "overview.svg", "en-US": "overview.en.svg"}
PAGE = "README.md"


def chart_name(flow: Flow) -> str:
    """Return the file name of a conversation's drawing."""
    return f"{flow.id}.{flow.language}.svg"


def drawings(
    flows: Sequence[Flow], figures: Sequence[FlowFigures] | None = None
) -> Iterator[tuple[str, str]]:
    """Yield file name and Graphviz text of every drawing of a map."""
    for language, name in OVERVIEWS.items():
        yield name, overview_dot(flows, figures, language)
    for flow in flows:
        yield chart_name(flow), chart_dot(flow, figures_for(flow, figures))


def figures_for(flow: Flow, figures: Sequence[FlowFigures] | None) -> FlowFigures | None:
    """Return what calls made of this flow in its language; None when nothing was counted."""
    found = (each for each in figures or () if (each.flow, each.language) == _name(flow))
    return next(found, None)


def page(flows: Sequence[Flow]) -> str:
    """Return a page in Markdown that shows every drawing, by stage."""
    lines = ["# 流程图 The flow map", ""]
    lines += [f"![{name}]({name})" for name in OVERVIEWS.values()]
    lines += ["", "| 阶段 | 通话 | 触发 | 负责 | 时限 |", "|---|---|---|---|---|"]
    for flow in flows:
        charter = flow.charter
        link = f"[{charter.title} `{flow.id}` {flow.language}](#{_anchor(flow)})"
        row = (charter.stage, link, charter.trigger, charter.responsible)
        lines.append(f"| {' | '.join(row)} | {flow.time_limit_seconds:g} s |")
    for flow in flows:
        lines += ["", f"## {flow.id} {flow.language}", ""]
        lines.append(f"![{flow.charter.title}]({chart_name(flow)})")
    return "\n".join((*lines, ""))


def write_text(path: Path, text: str) -> None:
    """Write a file of the map, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def _name(flow: Flow) -> tuple[str, str]:
    return flow.id, flow.language


def _anchor(flow: Flow) -> str:
    return f"{flow.id}-{flow.language}".lower()
