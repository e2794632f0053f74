"""The cards of a conversation's drawing: what it is for, and what works at every question of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from console.flow_map_dot import Ink, Style, cell, table
from console.flow_map_figures import FlowFigures
from console.flow_map_text import Words, name_of, phrase, readable, wrapped
from console.flow_map_told import (
    Purpose,
    Telling,
    came_to,
    colon,
    comma,
    figures_line,
    flow_lines,
    place_name,
    ticket_line,
    words_of,
)
from ivr.flow_chart_model import FlowChart, Node, NodeKind
from ivr.flow_model import Flow
from ivr.meaning import Intent

TITLE = Style(16, bold=True, columns=2)
SUBTITLE = Style(10, ink=Ink.FAINT, columns=2)
NAME = Style(10, ink=Ink.FAINT)
HEAD = Style(11, bold=True, columns=3)
SMALL = Style(9)
WIDE = Style(9, columns=2)
FIGURE = Style(9.5, bold=True, columns=2)
HEAD_EMS = 30.0
NAME_EMS = 8.0
REASON_EMS = 15.0
WORDS_EMS = 26.0
RESULT_EMS = 18.0


def charter_card(flow: Flow, figures: FlowFigures | None) -> str:
    """Return what a flow is for, who answers for it, and how its calls went."""
    charter, language = flow.charter, flow.language
    purpose = Purpose.of(charter, language)
    stage = name_of(Words.STAGE, charter.stage, language)
    known = (flow.id, language, flow.version, stage)
    told = {
        "trigger": purpose.trigger,
        "responsible": purpose.responsible,
        "collects": _names(charter.collects, language),
        "writes": comma(language).join(charter.writes),
        "time_limit": f"{flow.time_limit_seconds:g} {phrase('seconds', language)}",
    }
    rows = [
        [cell(wrapped(purpose.title, HEAD_EMS / 1.6), TITLE)],
        [cell([" · ".join(known)], SUBTITLE)],
    ]
    rows += [
        [cell([phrase(name, language)], NAME), cell(wrapped(text, HEAD_EMS))]
        for name, text in told.items()
        if text
    ]
    if figures is not None:
        rows += [[cell([line], FIGURE)] for line in flow_lines(figures, language)]
        if figures.bottleneck:
            place = place_name(figures.bottleneck, language)
            worst = (
                f"▲ {phrase('bottleneck', language)}{colon(language)}{place} · "
                f"{phrase('responsible', language)}{colon(language)}{purpose.responsible}"
            )
            hot = Style(9.5, bold=True, ink=Ink.HOT, columns=2)
            rows.append([cell(wrapped(worst, HEAD_EMS), hot)])
    return table(rows, line=Ink.LINE, fill=Ink.PAPER, pad=3)


def everywhere_card(flow: Flow, chart: FlowChart, figures: FlowFigures | None) -> str:
    """Return what works at every question and leads out of the main part."""
    language, everywhere, telling = flow.language, chart.everywhere, Telling.of(flow)
    nodes = {node.id: node for node in everywhere.nodes}
    asked: dict[str, list[str]] = {}
    for end in dict.fromkeys(end for _, end in everywhere.ways if end in nodes):
        asked[end] = list(telling.reasons([way for way, to in everywhere.ways if to == end]))
    for arrow in everywhere.arrows:
        if arrow.end in nodes:
            why = comma(language).join(telling.reasons(arrow.ways))
            asked.setdefault(arrow.end, []).append(f"{arrow.start}{colon(language)}{why}")
    rows = [
        list(_place(chart, node, asked.get(node.id, ()), language, figures))
        for node in everywhere.nodes
    ]
    head = [cell([phrase("everywhere", language)], HEAD)]
    return table([head, *rows], line=Ink.LINE, fill=Ink.STAGE, pad=2)


def side_card(flow: Flow, chart: FlowChart) -> str:
    """Return what people ask back with its answer, and what they may wish at any time."""
    language, everywhere, telling = flow.language, chart.everywhere, Telling.of(flow)
    main = {node.id for node in chart.nodes}
    rows: list[list[str]] = []
    if everywhere.side_questions:
        rows.append([cell([phrase("side_questions", language)], HEAD)])
    for asked in everywhere.side_questions:
        words = wrapped(readable("".join(asked.words), language), WORDS_EMS, 2)
        name = wrapped(name_of(Words.INTENT, asked.intent, language), NAME_EMS)
        rows.append([cell(name, SMALL), cell(words, WIDE)])
    wishes: dict[str, dict[str, None]] = {}
    for way, end in everywhere.ways:
        if end in main:
            wish = way if way.name == Intent.TELL else replace(way, guards=())
            wishes.setdefault(telling.reasons([wish])[0], {})[end] = None
    if wishes:
        rows.append([cell([phrase("any_time", language)], HEAD)])
    for wished, ends in wishes.items():
        told = f"→ {comma(language).join(ends)}"
        rows.append([cell(wrapped(wished, NAME_EMS), SMALL), cell(wrapped(told, WORDS_EMS), WIDE)])
    return table(rows, line=Ink.LINE, fill=Ink.STAGE, pad=2) if rows else ""


def _place(
    chart: FlowChart,
    node: Node,
    why: Sequence[str],
    language: str,
    figures: FlowFigures | None,
) -> Iterator[str]:
    asked = [line for each in why[:4] for line in wrapped(each, REASON_EMS)]
    if len(why) > 4:
        asked.append("…")
    yield cell(asked, SMALL)
    yield cell([node.id, *wrapped(words_of(node, language), WORDS_EMS, 2)], SMALL)
    after = [line for each in came_to(node, language) for line in wrapped(each, RESULT_EMS)]
    ways = [way for way, end in chart.everywhere.ways if end == node.id]
    for opened in dict.fromkeys(way.ticket for way in ways if way.ticket):
        after += wrapped(ticket_line(opened, language), RESULT_EMS)
    if node.kind is NodeKind.BRANCH:
        after += [f"→ {each.end}" for each in chart.everywhere.arrows if each.start == node.id]
    counted = figures.state(node.id) if figures else None
    if figures is not None and counted is not None:
        after.append(figures_line(figures, counted, language))
    kind = Ink.EXCEPTION_LINE if node.kind is NodeKind.EXCEPTION else Ink.FAINT
    yield cell(after, Style(9, ink=kind))


def _names(collects: Sequence[str], language: str) -> str:
    return comma(language).join(name_of(Words.SLOT, each, language) for each in collects)
