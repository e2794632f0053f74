"""The flow map with the figures of the newest calls: counted for all conversations at once.

What is counted and drawn here takes seconds of an interpreter, so it is done in a process of its
own: all that goes in and comes out is picklable, and flows stay where they are.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from operator import attrgetter
from typing import Final

from markupsafe import Markup

from campaigns.published_flows import PublishedFlows
from campaigns.settings import Settings
from console.flow_map_chart import chart_dot
from console.flow_map_figures import FlowFigures, busiest, figures_of, talked_of
from console.flow_map_overview import overview_dot
from console.flow_map_svg import DrawingError, svg_of
from console.flow_map_told import Purpose
from console.known_flows import known_flows
from console.web.words import Language
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
class MapLine:
    """One conversation as it is said now, in one language, with what calls made of it."""

    flow_id: str
    language: str
    title: str
    owner: Mapping[str, str]
    """Who answers for it, by language of the page."""
    figures: FlowFigures


@dataclass(frozen=True, slots=True)
class FlowMap:
    """Every conversation, in the order of a parcel's way."""

    lines: tuple[MapLine, ...]
    begins: datetime
    """The oldest call that is counted is not older."""

    @property
    def figures(self) -> tuple[FlowFigures, ...]:
        """Return what calls made of each of them."""
        return tuple(each.figures for each in self.lines)

    def line(self, flow_id: str, language: str) -> MapLine | None:
        """Return one conversation in a language."""
        wanted = (flow_id, language)
        return next((each for each in self.lines if (each.flow_id, each.language) == wanted), None)

    @property
    def worst(self) -> MapLine | None:
        """Return the bottleneck of all: of the conversation that costs most, its worst edition."""
        hottest = busiest(self.figures)
        mine = [each for each in self.lines if each.flow_id == hottest and each.figures.bottleneck]
        cost = attrgetter("figures.drop_offs", "figures.talk_seconds")
        return max(mine, key=cost, default=None)


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
    begins = counted_range.begins or now - stretch.length
    return FlowMap(tuple(_line(each, figures_of(each, calls, turns)) for each in said), begins)


def overview_of(
    database: Database, settings: Settings, figures: tuple[FlowFigures, ...], language: str
) -> Drawing:
    """Draw the five stages and all conversations in them."""
    return _drawn(overview_dot(_said_now(database, settings), figures, language))


def drawing_of(
    database: Database, settings: Settings, flow_id: str, language: str, figures: FlowFigures
) -> Drawing:
    """Draw one conversation."""
    flow = PublishedFlows(database, settings.flows_dir).load(flow_id, language)
    return _drawn(chart_dot(flow, figures))


def _line(flow: Flow, figures: FlowFigures) -> MapLine:
    charter = flow.charter
    owner = {each.value: Purpose.of(charter, each.value).responsible for each in Language}
    return MapLine(flow.id, flow.language, charter.title, owner, figures)


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
