"""A conversation rehearsed in the terminal: sentences, what was understood, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console

from campaigns.labels import Shelf, label
from console.rehearse_words import Words, help_for, words_for
from console.screen import say
from ivr.exchange import AnsweredBy, DialogResult, TimeIsUp
from ivr.explanation import Explanation, words_of
from ivr.flow_model import Flow
from ivr.rehearsing import Moment, TextCall, Typed, TypedError
from ivr.transcript import Speaker, Turn


@dataclass(slots=True)
class TextRehearsal:
    """A rehearsed call on a screen."""

    call: TextCall
    screen: Console

    @property
    def words(self) -> Words:
        """What the screen says, in the language of the flow."""
        return words_for(self.call.flow)

    def open(self) -> None:
        """Show what Menling says first."""
        self._show_says(self.call.now)

    def take(self, line: str) -> bool:
        """Take one line; answer whether the rehearsal goes on."""
        command = line.strip().lower()
        if command in {"/quit", "/q"}:
            return False
        if command == "/hang":
            self._tell(self.words["hung"])
            return False
        look = self._looks().get(command)
        if look is not None:
            for each in look():
                self._tell(each)
            return True
        try:
            moment = self.call.take(Typed.of(line))
        except TypedError as error:
            self._tell(str(error), "yellow")
            return True
        self._show_why(moment)
        self._show_says(moment)
        return not moment.is_over

    def close(self) -> None:
        """Show what came of it."""
        for line in result_lines(self.call.flow, self.call.result, self.call.now.seconds):
            self._tell(line)

    def _looks(self) -> Mapping[str, Callable[[], Sequence[str]]]:
        return {
            "/help": lambda: [help_for(self.call.flow)],
            "/why": self._why,
            "/state": self._state,
            "/slots": self._slots,
            "/facts": self._facts,
            "/undo": self._undo,
        }

    def _why(self) -> Sequence[str]:
        why, words = self.call.now.explanation, self.words
        if why is None:
            return [words["why_first"]]
        lines = [f"  {words['order']}: {', '.join(why.intents) or '-'}"]
        lines += [
            f"  {words['passed']}: {each.place} → {each.leads_to}  ({each.failed} "
            f"{words['because']})"
            for each in why.passed
        ]
        lines += [
            f"  {words['followed']}: {each.place} → {each.leads_to or words['stays']}"
            + (f"  {words['if']} {', '.join(each.guards)}" if each.guards else "")
            for each in why.followed
        ]
        return lines

    def _state(self) -> Sequence[str]:
        call, words = self.call, self.words
        state = call.flow.script.states[call.now.dialog.state]
        lines = [f"  {words['state']} {state.id}  {state.place}"]
        if state.question:
            expects = ", ".join(state.question.expects)
            lines.append(
                f"  {words['asked']} {state.question.prompt}; {words['expects']} {expects}"
            )
        return lines

    def _slots(self) -> Sequence[str]:
        slots = self.call.now.dialog.slots
        if not slots:
            return [f"  {self.words['empty']}"]
        return [f"  {name} = {words_of(value)}" for name, value in slots.items()]

    def _facts(self) -> Sequence[str]:
        return [f"  {name} = {value}" for name, value in fact_lines(self.call).items()]

    def _undo(self) -> Sequence[str]:
        if not self.call.undo():
            return [self.words["first"]]
        self._tell(self.words["undone"])
        self._show_says(self.call.now)
        return []

    def _show_says(self, moment: Moment) -> None:
        text = "".join(each.text for each in moment.says)
        if moment.resumes:
            self._tell(f"  ({self.words['resumes']})", "dim")
        if text:
            self._tell(f"{self.words['menling']}: {text}", "bold cyan")

    def _show_why(self, moment: Moment) -> None:
        if moment.explanation is not None:
            for line in why_lines(moment.explanation, self.words, moment.is_over):
                self._tell(f"  {line}", "dim")

    def _tell(self, text: str, style: str = "") -> None:
        say(text, style, self.screen)


def typed_text(typed: Typed, words: Words) -> str:
    """Return a line as it is shown when nobody typed it here."""
    match typed.happening:
        case TimeIsUp():
            return words["timeout"]
        case AnsweredBy(machine):
            return words["machine"].format(machine.value)
    if typed.key:
        return f"[{words['key']} {typed.key}]"
    cut = words["cut"] if typed.interrupts else ""
    return f"{cut}{typed.words}" if typed.words else words["silence"]


def turn_line(turn: Turn, words: Words) -> str:
    """Return a turn that was spoken, with what was understood of it."""
    if turn.speaker is Speaker.MENLING:
        return f"{words['menling']}: {turn.text}"
    if turn.key:
        return f"{words['you']}: [{words['key']} {turn.key}]"
    return f"{words['you']}: {turn.text or '…'}  ({turn.intent} {turn.confidence:.2f})"


def why_lines(why: Explanation, words: Words, over: bool) -> list[str]:
    """Return in a few lines what was understood, by which rule, and where it led."""
    lines = []
    meaning = why.meaning
    if meaning is not None:
        intents = ", ".join(dict.fromkeys((meaning.intent.value, *(i.value for i in meaning.also))))
        heard = words["nothing"] if meaning.intent == "nothing" else words["understood"]
        hoped = words["hoped"] if why.hoped else words["unhoped"]
        found = ", ".join(f"{name}={words_of(value)}" for name, value in meaning.slots.items())
        lines.append(f"{heard}: {intents} ({meaning.confidence:.2f}, {hoped}) {found}".rstrip())
    if why.asides:
        lines.append(f"{words['aside']}: {', '.join(why.asides)}")
    for each in why.followed:
        kind = words["rung"] if each.is_rung else words["rule"]
        guards = f"  {words['if']} {', '.join(each.guards)}" if each.guards else ""
        lines.append(f"{kind}: {each.place}{guards}")
    silences, misses = why.ladder
    if silences:
        lines.append(words["silences"].format(silences))
    if misses:
        lines.append(words["misses"].format(misses))
    if why.leads_to == why.came_from:
        lines.append(f"{words['from']}: {why.came_from} ({words['stays']})")
    else:
        end = f" ({words['over']})" if over else ""
        lines.append(f"{words['from']}: {why.came_from} → {why.leads_to}{end}")
    return lines


def result_lines(flow: Flow, result: DialogResult, seconds: float) -> list[str]:
    """Return what dispatch would learn."""
    words = words_for(flow)
    outcome = label(Shelf.OUTCOME, result.outcome, "zh" if flow.language == "zh-CN" else "en")
    lines = [f"{words['result']}: {outcome} ({result.outcome}), {words['took'].format(seconds)}"]
    found = {
        "needs_person": result.needs_person,
        "window": words_of(result.new_window) if result.new_window else "",
        "address": result.new_address.text if result.new_address else "",
        "hand_over": str(result.hand_over or ""),
        "consent": result.consent.words if result.consent else "",
        "again": f"{result.call_again_at:%m-%d %H:%M}" if result.call_again_at else "",
        "tickets": ", ".join(f"{each.kind} “{each.words}”" for each in result.tickets),
        "wishes": ", ".join(result.wishes),
        "notes": ", ".join(f"{name}={text}" for name, text in (result.notes or {}).items()),
    }
    lines += [f"  {words[name]}: {text}" for name, text in found.items() if text]
    lines += [f"  {name}: {text}" for name, text in result.collected.items()]
    return lines


def fact_lines(call: TextCall) -> dict[str, str]:
    """Return what is known about the invented parcel, by the names that --fact takes."""
    facts = call.facts
    start, end = facts.window_start, facts.window_end
    known: dict[str, object] = {
        "now": f"{facts.now:%Y-%m-%d %H:%M}",
        "company": facts.company,
        "recipient": facts.recipient,
        "waybill": facts.waybill,
        "promised": f"{start:%Y-%m-%d %H:%M}-{end:%H:%M}" if start and end else "",
        "address": facts.address,
        "item": facts.item,
        "merchant": facts.merchant,
        "cod": facts.cod_amount_fen / 100 if facts.cod_amount_fen else "",
        "callback_number": facts.callback_number,
        **facts.more,
    }
    return {name: str(value) for name, value in known.items() if value != ""}
