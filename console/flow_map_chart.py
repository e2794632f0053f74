"""Draws one conversation: its questions, decisions and endings, and the answers between them.

On top stand what it is for and what works everywhere; below, the way from the first words to the
endings. Arrows that lead to an ending which leaves work to a person are red.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from console.flow_map_cards import charter_card, everywhere_card, side_card
from console.flow_map_dot import FONTS, Ink, Style, attributes, blended, cell, quoted, table
from console.flow_map_figures import FlowFigures
from console.flow_map_text import packed, phrase, wrapped
from console.flow_map_told import (
    Purpose,
    Telling,
    came_to,
    colon,
    comma,
    figures_line,
    ticket_line,
    words_of,
)
from ivr.flow_chart import chart_of
from ivr.flow_chart_model import Arrow, FlowChart, Node, NodeKind
from ivr.flow_model import Flow

START = "the start"
"""No state has a space in its name."""
NODE_EMS = 17.0
LABEL_EMS = 10.0
WORD_LINES = 4
REASON_LINES = 6
"""So many lines are told at an arrow; its tooltip has them all."""
THICKEST = 6.0
"""Points; the way that most calls took."""

LOOKS: Mapping[NodeKind, tuple[Ink, Ink, str, str]] = MappingProxyType(
    {
        NodeKind.QUESTION: (Ink.QUESTION, Ink.QUESTION_LINE, "box", "filled,rounded"),
        NodeKind.BRANCH: (Ink.BRANCH, Ink.BRANCH_LINE, "hexagon", "filled"),
        NodeKind.SETTLED: (Ink.SETTLED, Ink.SETTLED_LINE, "box", "filled"),
        NodeKind.EXCEPTION: (Ink.EXCEPTION, Ink.EXCEPTION_LINE, "box", "filled"),
        NodeKind.UNFINISHED: (Ink.UNFINISHED, Ink.UNFINISHED_LINE, "box", "filled"),
    }
)
"""Fill, line, shape and style."""
ENDINGS = frozenset({NodeKind.SETTLED, NodeKind.EXCEPTION, NodeKind.UNFINISHED})

_HEAD = Style(10.5, bold=True)
_SMALL = Style(9, ink=Ink.FAINT)
_FIGURE = Style(9.5, bold=True)
_ALERT = Style(9.5, bold=True, ink=Ink.HOT)


def chart_dot(flow: Flow, figures: FlowFigures | None = None) -> str:
    """Return the drawing of a flow as Graphviz text, figures of its calls laid over it."""
    drawing = _Drawing(flow, figures)
    graphs = (*drawing.cards(), drawing.lines())
    return "".join("\n".join(("digraph {", *graph, "}", "")) for graph in graphs)


class _Drawing:
    """One flow on its way to Graphviz."""

    def __init__(self, flow: Flow, figures: FlowFigures | None) -> None:
        self._flow = flow
        self._language = flow.language
        self._telling = Telling.of(flow)
        self._chart: FlowChart = chart_of(flow)
        self._figures = figures
        self._kinds = {node.id: node.kind for node in self._chart.all_nodes}
        self._most = max((count for *_, count in figures.steps), default=0) if figures else 0
        self._worst = max((each.drop_offs for each in figures.states), default=0) if figures else 0

    def cards(self) -> Iterator[tuple[str, ...]]:
        """Yield the statements of each graph that stands on top: a card."""
        flow, chart, figures = self._flow, self._chart, self._figures
        cards = {
            "charter": charter_card(flow, figures),
            "everywhere": everywhere_card(flow, chart, figures),
            "side": side_card(flow, chart),
        }
        for name, html in cards.items():
            if html:
                yield (
                    f"graph {attributes(fontname=FONTS, bgcolor=Ink.PAPER, pad=0.1)}",
                    f"{quoted(f'card {name}')} "
                    f"{attributes(fontname=FONTS, shape='plain', label=html)}",
                )

    def lines(self) -> Iterator[str]:
        """Yield the statements of the graph below."""
        chart = self._chart
        graph = attributes(
            rankdir="TB", fontname=FONTS, bgcolor=Ink.PAPER, nodesep=0.3, ranksep=0.4, pad=0.2
        )
        yield f"graph {graph}"
        yield f"node {attributes(fontname=FONTS, margin='0.06,0.03')}"
        yield f"edge {attributes(fontname=FONTS, fontsize=9, color=Ink.LINE, arrowsize=0.7)}"
        yield f"{quoted(START)} {attributes(shape='point', width=0.15, color=Ink.TEXT)}"
        yield f"{quoted(START)} -> {quoted(chart.starts)} {attributes(weight=5)}"
        for node in chart.nodes:
            yield self._node(node)
        for arrow in chart.arrows:
            if not arrow.jump:
                yield self._arrow(arrow)

    def _node(self, node: Node) -> str:
        fill, line, shape, style = LOOKS[node.kind]
        said = words_of(node, self._language)
        rows = [[cell([node.id], _HEAD)]]
        if said:
            rows.append([cell(wrapped(said, NODE_EMS, WORD_LINES))])
        rows += [[cell(wrapped(line, NODE_EMS), _SMALL)] for line in came_to(node, self._language)]
        jumps = [arrow.end for arrow in self._chart.arrows if arrow.start == node.id and arrow.jump]
        if jumps:
            others = f"{phrase('also', self._language)} → {comma(self._language).join(jumps)}"
            rows.append([cell(wrapped(others, NODE_EMS * 1.1), _SMALL)])
        counted = self._figures.state(node.id) if self._figures else None
        hottest = self._figures is not None and node.id == self._figures.bottleneck
        colour: str = fill
        if self._figures is not None and counted is not None:
            rows.append([cell([figures_line(self._figures, counted, self._language)], _FIGURE)])
            if self._worst:
                colour = blended(fill, Ink.HEAT, counted.drop_offs / self._worst)
        if hottest:
            rows += [[cell([line], _ALERT)] for line in self._alarm()]
        return f"{quoted(node.id)} " + attributes(
            label=table(rows),
            shape=shape,
            style=style,
            fillcolor=colour,
            color=Ink.HOT if hottest else line,
            penwidth=4 if hottest else 1,
            peripheries=2 if node.kind in ENDINGS else 1,
            tooltip=said or node.id,
        )

    def _alarm(self) -> tuple[str, ...]:
        responsible = Purpose.of(self._flow.charter, self._language).responsible
        who = f"{phrase('responsible', self._language)}{colon(self._language)}"
        return (
            f"▲ {phrase('bottleneck', self._language)}",
            *wrapped(f"{who}{responsible}", NODE_EMS),
        )

    def _arrow(self, arrow: Arrow) -> str:
        why = self._telling.reasons(arrow.ways)
        told = [line for each in why for line in packed(each, LABEL_EMS)]
        if len(told) > REASON_LINES:
            told = [*told[: REASON_LINES - 1], "…"]
        opened = dict.fromkeys(way.ticket for way in arrow.ways if way.ticket)
        told += [
            line
            for each in opened
            for line in wrapped(ticket_line(each, self._language), LABEL_EMS)
        ]
        bad = self._kinds[arrow.end] is NodeKind.EXCEPTION or bool(opened)
        rows = [[cell(told, Style(9, ink=Ink.EXCEPTION_LINE if bad else Ink.TEXT))]]
        count = self._figures.step(arrow.start, arrow.end) if self._figures else 0
        if count:
            rows.append([cell([str(count)], _FIGURE)])
        wide = 1 + (THICKEST - 1) * count / self._most if self._most else 1.0
        return f"{quoted(arrow.start)} -> {quoted(arrow.end)} " + attributes(
            label=table(rows, pad=1),
            color=Ink.EXCEPTION_LINE if bad else Ink.LINE,
            penwidth=round(wide, 1),
            edgetooltip=self._telling.in_full(arrow),
            labeltooltip=self._telling.in_full(arrow),
        )
