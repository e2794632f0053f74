"""What calls made of the flows, in figures: how many, where they went, where they broke off.

The bottleneck of a flow is the question at which most people hung up; of several, the one that took
most time of all calls together. Where nobody hung up it is the question that took most time.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from campaigns.report import Rate
from console.flow_map_trace import Visit, Whereabouts, way_of
from ivr.flow_chart import chart_of
from ivr.flow_chart_model import FlowChart, NodeKind
from ivr.flow_model import Flow
from store.flow_figures import CountedCall, TurnMark
from store.types import Disposition

REACHED = frozenset(
    {Disposition.COMPLETED, Disposition.HUNG_UP_MIDWAY, Disposition.NO_CONVERSATION}
)
"""Somebody picked up and neither side's technology failed."""
BROKEN_OFF = REACHED - {Disposition.COMPLETED}


@dataclass(frozen=True, slots=True)
class StateFigures:
    """What calls made of one state."""

    state: str
    visits: int
    """How often calls came here; a question that is put again counts once."""
    calls: int
    """How many calls came here at least once."""
    drop_offs: int
    """Calls that the callee ended here."""
    seconds: float
    """Time that all visits took together, until the next state or the end."""

    @property
    def mean_seconds(self) -> float:
        """Seconds that one visit took."""
        return self.seconds / self.visits if self.visits else 0.0


@dataclass(frozen=True, slots=True)
class FlowFigures:
    """What calls made of one flow in one language."""

    flow: str
    language: str
    calls: int = 0
    """Dialled and settled."""
    reached: int = 0
    """Somebody picked up."""
    finished: int = 0
    """Reached, and the talk ended as the flow says."""
    drop_offs: int = 0
    """Reached, and the callee ended the talk, or never spoke."""
    needs_person: int = 0
    """Calls after which a person must do something."""
    tickets: int = 0
    """Opened by these calls."""
    talk_seconds: float = 0.0
    """Of all reached calls together."""
    states: tuple[StateFigures, ...] = ()
    """Those that calls came to, in the order of the chart."""
    steps: tuple[tuple[str, str, int], ...] = ()
    """How often calls went from one state to another one; decisions in between are counted."""
    bottleneck: str = ""
    """The state that costs most; empty without calls."""
    versions: tuple[tuple[str, int], ...] = ()
    """Reached calls by version and digest of the flow as it ran."""

    @property
    def mean_talk_seconds(self) -> float:
        """Seconds from the answer to the end of the call."""
        return self.talk_seconds / self.reached if self.reached else 0.0

    @property
    def drop_off_rate(self) -> Rate:
        """Drop-offs of the calls that reached somebody."""
        return Rate(self.drop_offs, self.reached)

    def state(self, name: str) -> StateFigures | None:
        """Return the figures of a state; None when no call came there."""
        return next((each for each in self.states if each.state == name), None)

    def step(self, start: str, end: str) -> int:
        """Return how often calls went from one state to another."""
        return sum(count for a, b, count in self.steps if (a, b) == (start, end))


def talked_of(calls: Iterable[CountedCall]) -> Iterator[int]:
    """Yield the attempt ids of the calls whose turns are counted."""
    return (each.attempt_id for each in calls if each.disposition in REACHED)


def figures_of(
    flow: Flow, calls: Iterable[CountedCall], turns: Mapping[int, tuple[TurnMark, ...]]
) -> FlowFigures:
    """Count the calls of a flow; `turns` by attempt id. Calls of other flows don't count."""
    mine = [each for each in calls if (each.flow, each.language) == (flow.id, flow.language)]
    reached = [each for each in mine if each.disposition in REACHED]
    chart, places = chart_of(flow), Whereabouts.of(flow.script)
    tally = _Tally(chart)
    for call in reached:
        tally.add(call, way_of(places, turns.get(call.attempt_id, ())))
    versions = Counter(each.version for each in reached if each.version)
    states = tally.states()
    return FlowFigures(
        flow=flow.id,
        language=flow.language,
        calls=len(mine),
        reached=len(reached),
        finished=sum(each.disposition not in BROKEN_OFF for each in reached),
        drop_offs=sum(each.disposition in BROKEN_OFF for each in reached),
        needs_person=sum(each.needs_person for each in mine),
        tickets=sum(each.tickets for each in mine),
        talk_seconds=sum(each.talk_seconds for each in reached),
        states=states,
        steps=tuple((a, b, count) for (a, b), count in sorted(tally.steps.items())),
        bottleneck=_bottleneck(chart, states),
        versions=tuple(sorted(versions.items())),
    )


def together(flow: str, figures: Iterable[FlowFigures]) -> FlowFigures:
    """Return the sums of a flow over all its languages, without its states."""
    mine = [each for each in figures if each.flow == flow]
    return FlowFigures(
        flow=flow,
        language=" ".join(each.language for each in mine),
        calls=sum(each.calls for each in mine),
        reached=sum(each.reached for each in mine),
        finished=sum(each.finished for each in mine),
        drop_offs=sum(each.drop_offs for each in mine),
        needs_person=sum(each.needs_person for each in mine),
        tickets=sum(each.tickets for each in mine),
        talk_seconds=sum(each.talk_seconds for each in mine),
    )


def busiest(figures: Iterable[FlowFigures]) -> str:
    """Return the id of the flow that costs most: most drop-offs, then most talk; or nothing."""
    lost: Counter[str] = Counter()
    talked: Counter[str] = Counter()
    for each in figures:
        lost[each.flow] += each.drop_offs
        talked[each.flow] += round(each.talk_seconds)
    worst = max(sorted(talked), key=lambda flow: (lost[flow], talked[flow]), default="")
    return worst if lost[worst] or talked[worst] else ""


class _Tally:
    """Counts visits, drop-offs, seconds and steps."""

    def __init__(self, chart: FlowChart) -> None:
        self._chart = chart
        self._questions = _questions(chart)
        self._visits: Counter[str] = Counter()
        self._calls: Counter[str] = Counter()
        self._drop_offs: Counter[str] = Counter()
        self._seconds: Counter[str] = Counter()
        self.steps: Counter[tuple[str, str]] = Counter()

    def add(self, call: CountedCall, way: tuple[Visit, ...]) -> None:
        """Count one call."""
        seen: dict[str, None] = {}
        here = ""
        for visit in way:
            passed = through(self._chart, here, visit.state) if here else (visit.state,)
            for state in passed:
                if here:
                    self.steps[here, state] += 1
                self._visits[state] += 1
                seen[state] = None
                here = state
            self._seconds[visit.state] += round((visit.ended_seconds - visit.began_seconds) * 1000)
        if call.disposition in BROKEN_OFF:
            asked = [state for state in seen if state in self._questions]
            broke_off = call.open_question
            if broke_off in self._questions and broke_off not in seen:
                # The callee was gone before a sentence of it had ended.
                self._visits[broke_off] += 1
                seen[broke_off] = None
            elif broke_off not in self._questions:
                broke_off = asked[-1] if asked else here
            self._drop_offs[broke_off] += 1
        self._calls.update(seen.keys())

    def states(self) -> tuple[StateFigures, ...]:
        """Return what was counted, in the order of the chart."""
        return tuple(
            StateFigures(
                state=name,
                visits=self._visits[name],
                calls=self._calls[name],
                drop_offs=self._drop_offs[name],
                seconds=self._seconds[name] / 1000,
            )
            for name in self._chart.ids
            if self._visits[name] or self._drop_offs[name]
        )


def through(chart: FlowChart, start: str, end: str) -> tuple[str, ...]:
    """Return the decisions that a call took from one state to another, and that other state.

    Decisions say nothing, so no turn tells of them: it is the shortest way through them, if any.
    """
    ends: dict[str, list[str]] = {}
    for arrow in chart.all_arrows:
        ends.setdefault(arrow.start, []).append(arrow.end)
    branches = {node.id for node in chart.all_nodes if node.kind is NodeKind.BRANCH}
    known = {start}
    ways: deque[tuple[str, tuple[str, ...]]] = deque([(start, ())])
    while ways:
        here, passed = ways.popleft()
        for then in ends.get(here, ()):
            if then == end:
                return (*passed, end)
            if then in branches and then not in known:
                known.add(then)
                ways.append((then, (*passed, then)))
    return (end,)


def _bottleneck(chart: FlowChart, states: Iterable[StateFigures]) -> str:
    asked = _questions(chart)
    worst = max(
        (each for each in states if each.state in asked),
        key=lambda each: (each.drop_offs, each.seconds),
        default=None,
    )
    return worst.state if worst else ""


def _questions(chart: FlowChart) -> frozenset[str]:
    return frozenset(node.id for node in chart.all_nodes if node.kind is NodeKind.QUESTION)
