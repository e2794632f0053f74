"""The flow map with the figures of the newest calls: counted for all conversations at once."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from markupsafe import Markup

from campaigns.published_flows import PublishedFlows
from campaigns.settings import Settings
from console.flow_map_chart import chart_dot
from console.flow_map_figures import FlowFigures, figures_of, talked_of
from console.flow_map_files import figures_for
from console.flow_map_overview import overview_dot
from console.flow_map_svg import DrawingError, svg_of
from console.known_flows import known_flows
from ivr.flow import flows
from ivr.flow_model import Flow
from store.database import Database
from store.flow_figures import CallRange, counted_calls, newest_calls, turn_marks
from store.flow_publications import publications

log = logging.getLogger(__name__)

COUNTED: Final = 20_000
"""So many of the newest calls are counted at most: each of them with all its turns."""


class Stretch(StrEnum):
    """How far back calls are counted."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    @property
    def length(self) -> timedelta:
        """Return how long it is."""
        return timedelta(days={"day": 1, "week": 7, "month": 30}[self.value])


@dataclass(frozen=True, slots=True)
class FlowMap:
    """Every conversation as it is said now, with what calls made of it."""

    flows: tuple[Flow, ...]
    figures: tuple[FlowFigures, ...]
    begins: datetime
    """The oldest call that is counted is not older."""

    def figures_of(self, flow: Flow) -> FlowFigures | None:
        """Return the figures of one conversation in its language."""
        return figures_for(flow, self.figures)

    def flow(self, flow_id: str, language: str) -> Flow | None:
        """Return one conversation in a language."""
        wanted = (flow_id, language)
        return next((each for each in self.flows if (each.id, each.language) == wanted), None)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing as it stands in a page; empty when Graphviz is not there to draw it."""

    svg: Markup


def flow_map(
    database: Database,
    settings: Settings,
    stretch: Stretch,
    now: datetime,
    campaign_id: int | None = None,
) -> FlowMap:
    """Count the calls of a stretch of time; it takes seconds for many calls."""
    said = _said_now(database, settings)
    wanted = CallRange(begins=now - stretch.length, campaign_id=campaign_id)
    with database.reading() as session:
        counted_range = newest_calls(session, wanted, COUNTED)
        calls = counted_calls(session, counted_range)
        turns = dict(turn_marks(session, talked_of(calls)))
    begins = counted_range.begins
    return FlowMap(
        said, tuple(figures_of(each, calls, turns) for each in said), begins or now - stretch.length
    )


def overview_of(made: FlowMap, language: str) -> Drawing:
    """Draw the five stages and all conversations in them."""
    return _drawn(overview_dot(made.flows, made.figures, language))


def drawing_of(made: FlowMap, flow: Flow) -> Drawing:
    """Draw one conversation."""
    return _drawn(chart_dot(flow, made.figures_of(flow)))


def _drawn(dot_text: str) -> Drawing:
    try:
        svg = svg_of(dot_text)
    except DrawingError as error:
        log.warning("%s", error)
        return Drawing(Markup())
    # Graphviz escapes every text of a flow.
    return Drawing(Markup(svg[svg.index("<svg") :]))


def _said_now(database: Database, settings: Settings) -> tuple[Flow, ...]:
    with database.reading() as session:
        published = {(each.flow, each.language) for each in publications(session) if each.version}
    return known_flows(
        there=sorted({*flows(), *published}),
        load=PublishedFlows(database, settings.flows_dir).load,
    )
