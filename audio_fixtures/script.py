"""The little language of a simulated recipient: what he may do before and after the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

TURN_SILENCE_SECONDS = 0.7
"""A person takes the other side to have finished after so much silence."""
Kind = TypeVar("Kind")
KEYS = frozenset("0123456789*#ABCD")


class ScriptError(ValueError):
    """A step says something no recipient can do; the message says where and what to write."""


@dataclass(frozen=True, slots=True)
class Ring:
    """Let it ring (180)."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Reject:
    """Refuse the call with this SIP status."""

    status: int


@dataclass(frozen=True, slots=True)
class PlayEarly:
    """Play clips before the answer (183)."""

    play: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NeverAnswer:
    """Ring until the caller gives up."""


Before = Ring | Reject | PlayEarly | NeverAnswer


@dataclass(frozen=True, slots=True)
class WaitTurn:
    """Wait until the other side has spoken and then been silent for so long."""

    silence_seconds: float = TURN_SILENCE_SECONDS


@dataclass(frozen=True, slots=True)
class Pause:
    """Do nothing for so long."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Interrupt:
    """Wait until the other side has been speaking for so long."""

    seconds: float


@dataclass(frozen=True, slots=True)
class SayClip:
    """Speak a clip to its end."""

    clip: str


@dataclass(frozen=True, slots=True)
class Press:
    """Press keys one after the other (RFC 4733)."""

    digits: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call (BYE)."""


Step = WaitTurn | Pause | Interrupt | SayClip | Press | HangUp


def clips_of(step: Before | Step) -> tuple[str, ...]:
    """Return the ids of the clips a step plays."""
    match step:
        case PlayEarly(play):
            return play
        case SayClip(clip):
            return (clip,)
        case _:
            return ()


def before_of(data: object) -> tuple[Before, ...]:
    """Return the steps before the answer; raises ScriptError when one can't be done."""
    steps = tuple(
        _step(data, number, "before", _BEFORE) for number, data in enumerate(_list(data, "before"))
    )
    for step in steps[:-1]:
        if isinstance(step, Reject | NeverAnswer):
            raise ScriptError(f"before: nothing can follow {_word(step)}; make it the last step")
    return steps


def steps_of(data: object, where: str) -> tuple[Step, ...]:
    """Return the steps after the answer; raises ScriptError when one can't be done."""
    return tuple(
        _step(data, number, where, _STEPS) for number, data in enumerate(_list(data, where))
    )


def _word(step: object) -> str:
    return "`reject`" if isinstance(step, Reject) else "`never_answer`"


def _list(data: object, where: str) -> list[object]:
    if not isinstance(data, list):
        raise ScriptError(f"{where} is a list of steps, not {data!r}")
    return data


def _step(
    data: object, number: int, where: str, verbs: dict[str, Callable[[object], Kind]]
) -> Kind:
    place = f"{where}, step {number + 1}"
    if not isinstance(data, dict) or len(data) != 1:
        raise ScriptError(f"{place}: write one `verb: value`, not {data!r}")
    [(verb, value)] = data.items()
    if verb not in verbs:
        raise ScriptError(f"{place}: no verb {verb!r}; here he can {', '.join(verbs)}")
    try:
        return verbs[verb](value)
    except ScriptError as error:
        raise ScriptError(f"{place}, {verb}: {error}") from error


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 120:
        raise ScriptError(f"write seconds from 0 to 120, not {value!r}")
    return float(value)


def _status(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 300 <= value <= 699:
        raise ScriptError(f"write a SIP status from 300 to 699, not {value!r}")
    return value


def _clip(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ScriptError(f"write the id of a clip, like lin/keyi_de, not {value!r}")
    return value


def _early(value: object) -> PlayEarly:
    if not isinstance(value, list) or not value:
        raise ScriptError(f"write a list of clip ids, not {value!r}")
    return PlayEarly(tuple(_clip(each) for each in value))


def _wait(value: object) -> Step:
    if value == "turn":
        return WaitTurn()
    if isinstance(value, dict) and set(value) == {"turn"}:
        return WaitTurn(_seconds(value["turn"]))
    if isinstance(value, int | float):
        return Pause(_seconds(value))
    raise ScriptError(f"write `turn`, `{{turn: 0.9}}` or seconds, not {value!r}")


def _press(value: object) -> Press:
    if not isinstance(value, str) or not value or not set(value) <= KEYS:
        raise ScriptError(f'write keys in quotes, like "1" or "42#", not {value!r}')
    return Press(value)


def _yes(make: Callable[[], Kind]) -> Callable[[object], Kind]:
    def checked(value: object) -> Kind:
        if value is not True:
            raise ScriptError(f"write `true` or leave the step out, not {value!r}")
        return make()

    return checked


_BEFORE: dict[str, Callable[[object], Before]] = {
    "ring": lambda value: Ring(_seconds(value)),
    "reject": lambda value: Reject(_status(value)),
    "early_media": _early,
    "never_answer": _yes(NeverAnswer),
}
_STEPS: dict[str, Callable[[object], Step]] = {
    "wait": _wait,
    "interrupt": lambda value: Interrupt(_seconds(value)),
    "say": lambda value: SayClip(_clip(value)),
    "press": _press,
    "beep": _yes(lambda: SayClip("sound/beep")),
    "hang_up": _yes(HangUp),
}
