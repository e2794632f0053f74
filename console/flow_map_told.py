"""How the flow map tells of ways and places: why a call goes somewhere, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from campaigns.labels import LabelLanguage, Shelf, label
from campaigns.tickets_reader import shipped_matrix
from console.flow_map_figures import FlowFigures, StateFigures
from console.flow_map_text import Words, condition, name_of, names_of, phrase, readable
from console.web.words import Language, words_in
from ivr.flow_chart_model import Arrow, Cause, Node, Way
from ivr.flow_model import Charter, Flow
from ivr.guards import subject_of


def in_labels(language: str) -> LabelLanguage:
    """Return which labels go with a flow's language: Chinese, else English."""
    return "zh" if language.startswith("zh") else "en"


def comma(language: str) -> str:
    """Return what stands between things that are listed."""
    return "、" if language.startswith("zh") else ", "


def colon(language: str) -> str:
    """Return what stands between a name and what it names."""
    return "：" if language.startswith("zh") else ": "


def place_name(state: str, language: str) -> str:
    """Return what people call a place of a conversation; one without a name stands as it is."""
    words = words_in(Language.CHINESE if language.startswith("zh") else Language.ENGLISH)
    key = f"state.{state}"
    return words(key) if key in words else state


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a flow is for, in one language as far as it is written in it."""

    title: str
    other_title: str
    """In the other language; empty when there is none."""
    trigger: str
    responsible: str

    @classmethod
    def of(cls, charter: Charter, language: str) -> Purpose:
        """Take the words from a charter."""
        if language.startswith("zh"):
            return cls(charter.title, charter.title_en, charter.trigger, charter.responsible)
        return cls(
            charter.title_en or charter.title,
            charter.title if charter.title_en else "",
            charter.trigger_en or charter.trigger,
            charter.responsible_en or charter.responsible,
        )


@dataclass(frozen=True, slots=True)
class Telling:
    """Tells of the ways of one flow, in its language."""

    language: str
    said: Mapping[str, str]
    """The choices of the flow as they are said, by condition: received.is.no, 没收到."""

    @classmethod
    def of(cls, flow: Flow) -> Telling:
        """Take the words from a flow."""
        choices = {
            f"{slot.name}.is.{name}": f"“{choice.said}”"
            for slot in flow.script.slots.values()
            for name, choice in slot.choices.items()
        }
        return cls(flow.language, MappingProxyType(choices))

    def reasons(self, ways: Iterable[Way]) -> tuple[str, ...]:
        """Return why a call goes this way, a line for each kind of reason.

        Answers that must hold the same thing are told together: 改时间[2]、不在家 ＋时间.
        """
        answers: dict[str, dict[str, None]] = {}
        others: dict[str, None] = {}
        for way in ways:
            if way.cause is Cause.ANSWER:
                held = self._conditions(_held(way.guards))
                answers.setdefault(held, {})[self._answer(way)] = None
            elif way.cause is Cause.EVENT:
                others[name_of(Words.EVENT, way.name, self.language)] = None
            elif way.guards:
                others[self._conditions(way.guards)] = None
            else:
                others[name_of(Words.CAUSE, way.cause.value, self.language)] = None
        said = (
            comma(self.language).join(found) + (f" ＋{held}" if held else "")
            for held, found in answers.items()
        )
        return (*said, *others)

    def in_full(self, arrow: Arrow) -> str:
        """Return every way of an arrow with all its conditions, for who points at it."""
        lines = []
        for way in arrow.ways:
            if way.cause is Cause.ANSWER:
                guards = self._conditions(way.guards)
                lines.append(f"{self._answer(way)} ({guards})" if guards else self._answer(way))
            else:
                lines += self.reasons([way])
        return "\n".join((f"{arrow.start} → {arrow.end}", *dict.fromkeys(lines)))

    def _conditions(self, guards: Iterable[str]) -> str:
        told = (condition(guard, self.language, self.said) for guard in guards)
        return comma(self.language).join(told)

    def _answer(self, way: Way) -> str:
        keys = f"[{''.join(way.keys)}]" if way.keys else ""
        return name_of(Words.INTENT, way.name, self.language) + keys


def words_of(node: Node, language: str) -> str:
    """Return what is said at a place, its slots by name."""
    joint = "" if language.startswith("zh") else " "
    return readable(joint.join(node.words), language)


def came_to(node: Node, language: str) -> tuple[str, ...]:
    """Return what is settled at a place, and who goes on with it."""
    told = []
    if node.outcome:
        told.append(f"⇒ {label(Shelf.OUTCOME, node.outcome, in_labels(language))}")
    if node.needs_person:
        told.append(f"{phrase('needs_person', language)}{colon(language)}{node.needs_person}")
    if node.ticket:
        told.append(ticket_line(node.ticket, language))
    if node.returns:
        told.append(f"↩ {phrase('returns', language)}")
    return tuple(told)


def ticket_line(word: str, language: str) -> str:
    """Return which ticket is opened and who must make it good: 工单：破损（理赔）."""
    head = f"{phrase('opens_ticket', language)}{colon(language)}"
    if "{" in word:
        return head + readable(word, language)
    matrix = shipped_matrix()
    kind, cause = matrix.taxonomy.sort(word)
    names = matrix.taxonomy.kinds[kind]
    labels = names.causes[cause] if cause else names.labels
    department = matrix.taxonomy.departments[matrix.row(kind, cause).department]
    told = head + labels.get(language, word)
    owner = department.labels.get(language, department.id)
    return f"{told}（{owner}）" if language.startswith("zh") else f"{told} ({owner})"


def figures_line(figures: FlowFigures, state: StateFigures, language: str) -> str:
    """Return what calls made of a state."""
    share = f"{state.calls / figures.reached:.0%}" if figures.reached else "-"
    parts = [f"{phrase('visits', language)} {state.visits} ({share})"]
    if state.drop_offs:
        parts.append(f"{phrase('dropped_here', language)} {state.drop_offs}")
    if state.seconds:
        parts.append(f"{state.mean_seconds:.1f} {phrase('seconds', language)}")
    return " · ".join(parts)


def flow_lines(figures: FlowFigures, language: str) -> tuple[str, ...]:
    """Return what calls made of a flow."""
    if not figures.calls:
        return (phrase("no_calls", language),)
    share = figures.drop_off_rate.share
    lost = "" if share is None else f" ({share:.0%})"
    parts = [
        f"{phrase('calls', language)} {figures.calls} · {phrase('reached', language)} "
        f"{figures.reached} · {phrase('finished', language)} {figures.finished}",
        f"{phrase('drop_off', language)} {figures.drop_offs}{lost} · "
        f"{phrase('mean_talk', language)} {figures.mean_talk_seconds:.0f} "
        f"{phrase('seconds', language)}",
        f"{phrase('follow_up', language)} {figures.needs_person}",
    ]
    if figures.tickets:
        parts[-1] += f" · {phrase('opens_ticket', language)} {figures.tickets}"
    return tuple(parts)


def _held(guards: Iterable[str]) -> tuple[str, ...]:
    """Return the guards about what an answer holds, not about how or when it was said.

    That something was heard goes without saying where it is told what was.
    """
    about = {guard: subject_of(guard) for guard in guards}
    named = {name for name, relation, _ in about.values() if relation not in ("heard", "known")}
    return tuple(
        guard
        for guard, (name, relation, _) in about.items()
        if (relation == "heard" and name not in named)
        or (relation != "heard" and relation and guard.removeprefix("not ") not in _NAMED)
    )


_NAMED = frozenset(names_of(Words.CONDITION))
