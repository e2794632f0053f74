"""Draws the whole map: the five stages from left to right, in each of them its conversations.

Each conversation is a card: what sets it off, who answers for it, what it collects and where that
is written. A red arrow leads to the conversation that takes over when one can't settle its matter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from console.flow_map_dot import FONTS, Ink, Style, attributes, cell, quoted, table
from console.flow_map_figures import FlowFigures, busiest, together
from console.flow_map_text import Words, name_of, phrase, wrapped
from console.flow_map_told import Purpose, comma, flow_lines
from ivr.flow_bounds import STAGES
from ivr.flow_chart import chart_of
from ivr.flow_model import Flow

DRAWN_ARROWS = 3
"""No arrow is drawn to a conversation that takes over from more than so many others, or from one
that is further than the next stage: their names are told."""
CARD_EMS = 22.0
TITLE_EMS = 15.0

_TITLE = Style(12, bold=True, columns=2)
_ENGLISH = Style(9.5, ink=Ink.FAINT, columns=2)
_NAME = Style(9, ink=Ink.FAINT)
_TEXT = Style(9.5, ems=CARD_EMS)
_FIGURE = Style(9.5, bold=True, columns=2)
_LEGEND = Style(10, ink=Ink.EXCEPTION_LINE)
_ALERT = Style(9.5, bold=True, ink=Ink.HOT, columns=2)


def overview_dot(
    flows: Iterable[Flow], figures: Sequence[FlowFigures] | None = None, language: str = "zh-CN"
) -> str:
    """Return the map of these flows as Graphviz text, figures of their calls laid over it."""
    spoken: dict[str, list[Flow]] = {}
    for flow in flows:
        spoken.setdefault(flow.id, []).append(flow)
    lines = _lines(spoken, figures, language)
    return "\n".join(("digraph map {", *lines, "}", ""))


def _lines(
    spoken: Mapping[str, Sequence[Flow]], figures: Sequence[FlowFigures] | None, language: str
) -> Iterator[str]:
    main = {name: _edition(editions, language) for name, editions in spoken.items()}
    stages = {flow.charter.stage: None for flow in main.values()}
    ordered = [*STAGES, *sorted(stages.keys() - set(STAGES))]
    graph = attributes(
        rankdir="LR", fontname=FONTS, bgcolor=Ink.PAPER, nodesep=0.22, ranksep=0.7, pad=0.2,
        newrank="true",
    )  # fmt: skip
    yield f"graph {graph}"
    yield f"node {attributes(fontname=FONTS, shape='plain')}"
    yield f"edge {attributes(fontname=FONTS, color=Ink.LINE, arrowsize=0.8)}"
    worst = busiest(figures) if figures else ""
    for number, stage in enumerate(ordered):
        here = [name for name, flow in main.items() if flow.charter.stage == stage]
        yield f"subgraph {quoted(f'cluster {number}')} {{"
        yield f"graph {attributes(style='rounded,filled', color=Ink.LINE, fillcolor=Ink.STAGE)}"
        yield f"{quoted(_anchor(number))} {attributes(label=_stage(stage, number))}"
        for name in here:
            counted = None if figures is None else together(name, figures)
            card = _card(main[name], spoken, main, counted, language, hottest=name == worst)
            yield f"{quoted(name)} {attributes(label=card, tooltip=main[name].charter.title)}"
        yield f"{{ rank=same; {'; '.join(map(quoted, [_anchor(number), *here]))} }}"
        # In a graph from left to right, what comes first in a column stands lowest.
        for above, below in pairwise([_anchor(number), *here]):
            yield f"{quoted(below)} -> {quoted(above)} {attributes(style='invis', weight=10)}"
        yield "}"
    for left, right in pairwise(range(len(ordered))):
        thick = attributes(penwidth=4, weight=20, minlen=1, color=Ink.LINE)
        yield f"{quoted(_anchor(left))} -> {quoted(_anchor(right))} {thick}"

    def near(name: str, other: str) -> bool:
        columns = [ordered.index(main[each].charter.stage) for each in (name, other)]
        return max(columns) - min(columns) <= 1

    taken_from = Counter(other for flow in main.values() for other in flow.charter.exceptions)
    for name, flow in main.items():
        for other in flow.charter.exceptions:
            if other in main and taken_from[other] <= DRAWN_ARROWS and near(name, other):
                red = attributes(color=Ink.EXCEPTION_LINE, constraint="false")
                yield f"{quoted(name)} -> {quoted(other)} {red}"
    # Last, or every stage would have it too.
    legend = table([[cell([phrase("takes_over", language)], _LEGEND)]])
    yield f"graph {attributes(label=legend, labelloc='b', labeljust='l')}"


def _anchor(number: int) -> str:
    return f"stage {number}"


def _stage(stage: str, number: int) -> str:
    head = Style(15, bold=True, ink=Ink.PAPER, align="CENTER")
    english = Style(10, ink=Ink.PAPER, align="CENTER")
    return table(
        [
            [cell([f"  {number + 1} {stage}  "], head)],
            [cell([name_of(Words.STAGE, stage, "en")], english)],
        ],
        line=Ink.QUESTION_LINE,
        fill=Ink.QUESTION_LINE,
    )


def _card(
    flow: Flow,
    spoken: Mapping[str, Sequence[Flow]],
    main: Mapping[str, Flow],
    figures: FlowFigures | None,
    language: str,
    *,
    hottest: bool,
) -> str:
    charter, purpose = flow.charter, Purpose.of(flow.charter, language)
    told = {
        "trigger": purpose.trigger,
        "responsible": purpose.responsible,
        "collects": comma(language).join(
            name_of(Words.SLOT, each, language) for each in charter.collects
        ),
        "writes": comma(language).join(charter.writes),
        "exceptions": _exceptions(flow, language),
        "taken_over": comma(language).join(
            Purpose.of(main[other].charter, language).title
            for other in charter.exceptions
            if other in main
        ),
        "time_limit": f"{flow.time_limit_seconds:g} {phrase('seconds', language)}",
        "languages": comma(language).join(sorted(each.language for each in spoken[flow.id])),
    }
    under = " · ".join(filter(None, (purpose.other_title, flow.id)))
    rows = [
        [cell(wrapped(purpose.title, TITLE_EMS), _TITLE)],
        [cell(wrapped(under, CARD_EMS), _ENGLISH)],
    ]
    rows += [
        [cell([phrase(name, language)], _NAME), cell(wrapped(text, CARD_EMS, 3), _TEXT)]
        for name, text in told.items()
        if text
    ]
    if figures is not None:
        lines = flow_lines(figures, language)
        rows += [[cell(wrapped(line, CARD_EMS * 1.2), _FIGURE)] for line in lines]
    if hottest:
        owner = f"▲ {phrase('bottleneck', language)} · {purpose.responsible}"
        rows.append([cell(wrapped(owner, CARD_EMS), _ALERT)])
    line = Ink.HOT if hottest else Ink.QUESTION_LINE
    return table(rows, line=line, thick=4 if hottest else 1, fill=Ink.PAPER, pad=2)


def _exceptions(flow: Flow, language: str) -> str:
    """Return at how many places a flow leaves work to a person, and how many tickets it opens."""
    chart = chart_of(flow)
    counts = {
        "person_calls": sum(bool(node.needs_person) for node in chart.all_nodes),
        "tickets": len(chart.tickets),
    }
    return comma(language).join(
        f"{phrase(name, language)} {count}" for name, count in counts.items() if count
    )


def _edition(editions: Sequence[Flow], language: str) -> Flow:
    """Return the flow in this language, or in the first one it has."""
    return next((each for each in editions if each.language == language), editions[0])
