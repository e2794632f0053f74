"""A conversation on paper: what it is for, what it says, and where each answer leads."""

from __future__ import annotations

from collections.abc import Iterator

from console.flow_map_text import Words, name_of, phrase
from console.flow_map_told import Purpose, Telling, came_to, colon, comma, words_of
from ivr.flow_chart import chart_of
from ivr.flow_chart_model import FlowChart, Node
from ivr.flow_model import Flow


def script_lines(flow: Flow) -> Iterator[str]:
    """Yield the script of a flow, a line for each thing."""
    charter, language = flow.charter, flow.language
    purpose = Purpose.of(charter, language)
    yield f"{purpose.title} ({flow.id} {language}, {flow.version} {flow.digest[:12]})"
    told = {
        "stage": name_of(Words.STAGE, charter.stage, language),
        "trigger": purpose.trigger,
        "responsible": purpose.responsible,
        "collects": comma(language).join(
            name_of(Words.SLOT, each, language) for each in charter.collects
        ),
        "writes": comma(language).join(charter.writes),
        "time_limit": f"{flow.time_limit_seconds:g} {phrase('seconds', language)}",
    }
    yield from (f"  {phrase(name, language)}{colon(language)}{text}" for name, text in told.items())
    chart, telling = chart_of(flow), Telling.of(flow)
    for node in chart.nodes:
        yield ""
        yield from _place(chart, node, telling)
    yield ""
    yield f"== {phrase('everywhere', language)}"
    for way, end in chart.everywhere.ways:
        yield f"  {telling.reasons([way])[0]} → {end}"
    for node in chart.everywhere.nodes:
        yield ""
        yield from _place(chart, node, telling)


def _place(chart: FlowChart, node: Node, telling: Telling) -> Iterator[str]:
    language = telling.language
    yield f"[{node.id}] {phrase(node.kind.value, language)}"
    if node.words:
        yield f"  {words_of(node, language)}"
    yield from (f"  {line}" for line in came_to(node, language))
    for arrow in chart.all_arrows:
        if arrow.start == node.id:
            why = (" / ").join(telling.reasons(arrow.ways))
            yield f"  {why} → {arrow.end}"
