"""Builds the parts of a flow from the tables of its file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import time

from ivr.exchange import BargeIn, DialogOutcome
from ivr.flow_bounds import STAGES
from ivr.flow_model import (
    Aside,
    Charter,
    Ending,
    Everywhere,
    Key,
    KeyWindow,
    Limits,
    Patience,
    Prompt,
    Question,
    Rule,
    Rung,
    SlotSpec,
    State,
    TicketOrder,
)
from ivr.flow_reader import Faults, Table, member, one_of, word
from ivr.flow_slots import slot_value
from ivr.flow_source import Item
from ivr.meaning import HandOver, Intent
from ivr.wording import VARIANTS
from tts.speech import Manner

SHORTEST_SILENCE_SECONDS = 0.2
"""Words are known after so much silence; no turn can end before."""

_KEY_WINDOW = re.compile(r"(?:\+(?P<days>\d+) )?(?P<start>\d\d:\d\d)-(?P<end>\d\d:\d\d)")


def charter(table: Table) -> Charter:
    """Return what the flow is for."""
    stage = table.items.get("stage")
    if stage is not None and stage.value not in STAGES:
        what = f"A delivery has no stage {stage.value!r}."
        table.faults.add(stage.place, what, one_of(str(stage.value), STAGES))
    return Charter(
        title=table.text("title"),
        stage=table.text("stage"),
        trigger=table.text("trigger"),
        responsible=table.text("responsible"),
        collects=table.words("collects"),
        writes=table.words("writes"),
        title_en=table.text("title_en", ""),
        trigger_en=table.text("trigger_en", ""),
        responsible_en=table.text("responsible_en", ""),
        exceptions=table.words("exceptions"),
        order=int(table.number("order", 0)),
    )


def limits(table: Table) -> Limits:
    """Return the bounds of the conversation."""
    service = table.table("service_hours")
    service.only("from", "to")
    return Limits(
        time_limit_seconds=table.number("time_limit_seconds", 180.0),
        turn_limit=int(table.number("turn_limit", 24)),
        sure_confidence=table.number("sure_confidence", 0.4),
        service_begins=service.clock("from", time(8)),
        service_ends=service.clock("to", time(21)),
        latest_days=int(table.number("latest_days", 7)),
        reply_minutes=int(table.number("reply_minutes", 30)),
    )


def prompt(name: str, item: Item, faults: Faults) -> Prompt:
    """Return a prompt; a text alone is its first wording."""
    if not isinstance(item.value, Mapping):
        return Prompt(name, {"first": word(item, faults)}, item.place)
    table = Table.of(item, faults)
    table.only(*VARIANTS, "barge_in", "needs", "otherwise")
    wordings = {variant: table.text(variant) for variant in VARIANTS if variant in table.items}
    if "first" not in wordings:
        faults.add(item.place, f"The prompt {name!r} has no first wording.", "Write `first: …`.")
        wordings["first"] = ""
    return Prompt(
        id=name,
        wordings=wordings,
        place=item.place,
        barge_in=table.choice("barge_in", BargeIn, BargeIn.SPEECH),
        needs=table.words("needs"),
        otherwise=table.text("otherwise", ""),
    )


def rule(item: Item, faults: Faults) -> Rule:
    """Return a rule; a word alone is where it leads."""
    if not isinstance(item.value, Mapping):
        return Rule(word(item, faults), item.place)
    table = Table.of(item, faults)
    table.only(
        "if", "take", "set", "other", "say", "keep", "consent", "confirms", "ticket", "wish", "then"
    )
    sets = table.table("set")
    return Rule(
        then=table.text("then"),
        place=item.place,
        guards=table.words("if"),
        take=table.words("take"),
        other=table.words("other"),
        say=table.words("say"),
        keep=table.text("keep", ""),
        consent=table.truth("consent", False),
        confirms=table.words("confirms"),
        ticket=ticket(table),
        wishes=table.words("wish"),
        sets={name: sets.text(name) for name in sets.items},
    )


def ticket(table: Table) -> TicketOrder | None:
    """Return the ticket that a table opens under `ticket`; a word alone is its type."""
    item = table.items.get("ticket")
    if item is None:
        return None
    if not isinstance(item.value, Mapping):
        return TicketOrder(word(item, table.faults))
    order = Table.of(item, table.faults)
    order.only("type", "urgent")
    return TicketOrder(order.text("type"), order.truth("urgent", False))


def rules(table: Table) -> dict[Intent, tuple[Rule, ...]]:
    """Return the rules of each intent, in order."""
    found: dict[Intent, tuple[Rule, ...]] = {}
    for name, item in table.items.items():
        intent = member(Item(name, item.place), Intent, table.faults)
        if intent is not None:
            found[intent] = table.each(name, lambda each: rule(each, table.faults))
    return found


def key(item: Item, faults: Faults, declared: Mapping[str, SlotSpec]) -> Key | None:
    """Return what a key means; a word alone is an intent."""
    if not isinstance(item.value, Mapping):
        intent = member(item, Intent, faults)
        return None if intent is None else Key(intent, item.place)
    table = Table.of(item, faults)
    table.only("intent", "hand_over", "window", *declared)
    hand_over = table.items.get("hand_over")
    window = table.items.get("window")
    return Key(
        intent=table.choice("intent", Intent, Intent.TELL),
        place=item.place,
        window=None if window is None else _key_window(window, faults),
        hand_over=None if hand_over is None else member(hand_over, HandOver, faults),
        slots={
            name: value
            for name, spec in declared.items()
            if name in table.items
            and (value := slot_value(spec, table.items[name], faults)) is not None
        },
    )


def keys(table: Table, declared: Mapping[str, SlotSpec]) -> dict[str, Key]:
    """Return the keypad; complains about what isn't on a telephone."""
    found: dict[str, Key] = {}
    for digit, item in table.items.items():
        if digit not in set("0123456789*#"):
            table.faults.add(
                item.place, f"There is no key {digit!r} on a telephone.", "Use 0-9, * or #."
            )
        meaning = key(item, table.faults, declared)
        if meaning is not None:
            found[digit] = meaning
    return found


def ladder(table: Table, name: str) -> tuple[Rung, ...]:
    """Return the steps taken when a question isn't answered."""
    return table.each(name, lambda item: _rung(item, table.faults))


def everywhere(table: Table, asides: Table, declared: Mapping[str, SlotSpec]) -> Everywhere:
    """Return what is understood at every question; its ladders are read apart."""
    table.only("on", "keys", "chatter", "order", "no_input", "no_match")
    answers: dict[Intent, Aside] = {}
    for name, item in asides.items.items():
        intent = member(Item(name, item.place), Intent, asides.faults)
        if intent is not None:
            answers[intent] = _aside(item, asides.faults)
    return Everywhere(
        on=rules(table.table("on")),
        asides=answers,
        chatter=table.choices("chatter", Intent),
        order=table.choices("order", Intent),
        keys=keys(table.table("keys"), declared),
    )


def state(
    name: str, item: Item, common: Table, hopes: Table, declared: Mapping[str, SlotSpec]
) -> State:
    """Return a state; `common` holds the keys and ladders that every question has."""
    table = Table.of(item, common.faults)
    table.only("say", "repeat", "ask", "on", "branch", "end", "aside")
    asks = "ask" in table.items
    kinds = [kind for kind in ("ask", "branch", "end") if kind in table.items]
    if len(kinds) != 1:
        table.faults.add(
            item.place,
            f"The state {name!r} has {' and '.join(kinds) or 'neither ask, branch nor end'}.",
            "A state does one thing: it asks, it branches, or it ends the call.",
        )
    return State(
        id=name,
        place=item.place,
        say=table.words("say"),
        repeat=table.words("repeat"),
        question=_question(table.table("ask"), common, hopes, declared) if asks else None,
        on=rules(table.table("on")),
        branch=table.each("branch", lambda each: rule(each, table.faults)),
        ending=_ending(table.table("end")) if "end" in table.items else None,
        aside=table.truth("aside", False),
    )


def _question(
    table: Table, common: Table, hopes: Table, declared: Mapping[str, SlotSpec]
) -> Question:
    table.only(
        "prompt", "expects", "fills", "keys", "phrases", "hopes", "end_silence_seconds",
        "complete_silence_seconds", "unfinished_silence_seconds", "no_input_seconds",
        "no_input", "no_match",
    )  # fmt: skip
    own, shared = keys(table.table("keys"), declared), keys(common.table("keys"), declared)
    for digit in own.keys() & shared.keys():
        table.faults.add(
            own[digit].place,
            f"Key {digit} already means {shared[digit].intent!r} at every question.",
            "People learn such a key once; take another one here.",
        )
    fills = table.text("fills", "")
    if fills and fills not in declared:
        what = f"The question fills a slot {fills!r} that the flow doesn't declare."
        table.faults.add(table.items["fills"].place, what, one_of(fills, declared))
    named = (
        [choice.said for choice in declared[fills].choices.values()] if fills in declared else []
    )
    return Question(
        prompt=table.text("prompt"),
        expects=table.choices("expects", Intent),
        keys=own | shared,
        patience=_patience(table),
        phrases=table.words("phrases"),
        hopes=tuple(dict.fromkeys((*_hopes(table, hopes), *named))),
        fills=fills,
        no_input=ladder(table if "no_input" in table.items else common, "no_input"),
        no_match=ladder(table if "no_match" in table.items else common, "no_match"),
    )


def _patience(table: Table) -> Patience:
    usual = Patience()
    patience = Patience(
        end_silence_seconds=table.number("end_silence_seconds", usual.end_silence_seconds),
        complete_silence_seconds=table.number(
            "complete_silence_seconds", usual.complete_silence_seconds
        ),
        unfinished_silence_seconds=table.number(
            "unfinished_silence_seconds", usual.unfinished_silence_seconds
        ),
        no_input_seconds=table.number("no_input_seconds", usual.no_input_seconds),
    )
    silences = (
        patience.complete_silence_seconds,
        patience.end_silence_seconds,
        patience.unfinished_silence_seconds,
    )
    if silences[0] < SHORTEST_SILENCE_SECONDS or silences != tuple(sorted(silences)):
        table.faults.add(
            table.place,
            "The silences that end an answer are out of order: {:g}, {:g}, {:g} s.".format(
                *silences
            ),
            f"From {SHORTEST_SILENCE_SECONDS:g} s up: complete_, end_, unfinished_silence_seconds.",
        )
    return patience


def _hopes(table: Table, hopes: Table) -> tuple[str, ...]:
    """Return the phrases of the lists that a question names."""
    named = table.items.get("hopes")
    if named is None:
        return ()
    for name in table.words("hopes"):
        if name not in hopes.items:
            what = f"There is no list of hopes {name!r}."
            table.faults.add(named.place, what, one_of(name, hopes.items))
    return tuple(dict.fromkeys(p for name in table.words("hopes") for p in hopes.words(name)))


def _ending(table: Table) -> Ending:
    table.only(
        "outcome", "finished", "reports", "needs_person", "call_again_minutes", "notes", "ticket"
    )
    table.text("outcome")
    notes = table.table("notes")
    return Ending(
        outcome=table.choice("outcome", DialogOutcome, DialogOutcome.UNFINISHED),
        finished=table.truth("finished", True),
        reports=table.words("reports"),
        needs_person=table.text("needs_person", ""),
        call_again_minutes=int(table.number("call_again_minutes", 0)),
        notes={name: notes.text(name) for name in notes.items},
        ticket=ticket(table),
    )


def _aside(item: Item, faults: Faults) -> Aside:
    if not isinstance(item.value, Mapping):
        return Aside(item.place, Table({"say": item}, item.place, faults).words("say"))
    table = Table.of(item, faults)
    table.only("say", "ask", "manner", "ticket")
    manners = table.words("manner")
    for manner in set(manners) - {"slow", "loud"}:
        what = f"Nobody can speak in the manner {manner!r}."
        table.faults.add(table.items["manner"].place, what, one_of(manner, ("slow", "loud")))
    return Aside(
        place=item.place,
        say=table.words("say"),
        ask=table.text("ask", "again"),
        manner=Manner(slow="slow" in manners, loud="loud" in manners),
        ticket=ticket(table),
    )


def _rung(item: Item, faults: Faults) -> Rung:
    table = Table.of(item, faults)
    table.only("say", "ask", "then", "no_input_seconds")
    return Rung(
        place=item.place,
        say=table.words("say"),
        ask=table.words("ask"),
        then=table.text("then", ""),
        no_input_seconds=table.number("no_input_seconds", 0.0),
    )


def _key_window(item: Item, faults: Faults) -> KeyWindow | None:
    match = _KEY_WINDOW.fullmatch(word(item, faults))
    if match is None:
        faults.add(
            item.place,
            f"{item.value!r} is no span of time.",
            "Write +1 09:00-12:00 for tomorrow morning, 09:00-12:00 for the day agreed before.",
        )
        return None
    days = match["days"]
    start, end = time.fromisoformat(match["start"]), time.fromisoformat(match["end"])
    return KeyWindow(None if days is None else int(days), start, end)
