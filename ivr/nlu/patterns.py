"""The small pattern language of the phrase files: alternatives, optional parts, gaps and slots.

`[帮我](放|搁)[在]{place}` stands for 帮我放在{place}, 搁{place} and six more; `…` is a gap of up
to two characters; `=哪` inside a pattern is 哪 and nothing that sounds like it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

GAP = "…"
"""One unknown character; a gap in a pattern is a choice of none, one or two of them."""
_GAP_WIDTH = 2
_TOKEN = re.compile(
    r"\{[a-z_]+\}|可不可以|(?P<asked>[能行好要有会])[不没](?P=asked)|[A-Za-z0-9']+|=[一-鿿]|\S"
)
_CLOSING = {"(": ")", "[": "]"}
_OPERATORS = set("()[]|?*+<>")

Tokens = tuple[str, ...]


class PatternError(ValueError):
    """A pattern of a phrase file cannot be read; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several sequences; an empty one makes the whole optional."""

    options: tuple[Sequence, ...]


Sequence = tuple[str | Choice, ...]


def tokens_of(text: str) -> Tokens:
    """Return the units a text is matched by: characters, words of letters, and {slots}.

    A question of the kind 能不能 is one unit, so that no refusal is found inside it.
    """
    return tuple(match.group() for match in _TOKEN.finditer(text))


def parse(pattern: str) -> Sequence:
    """Return the structure of a pattern.

    Raises PatternError when brackets do not match or the pattern can stand for nothing at all.
    """
    sequence, rest = _sequence(tokens_of(pattern), pattern)
    if rest:
        raise PatternError(f"pattern {pattern!r}: {rest[0]!r} stands outside brackets; remove it")
    if _may_be_empty(sequence):
        raise PatternError(f"pattern {pattern!r} has only optional parts; make one of them needed")
    return sequence


def _sequence(tokens: Tokens, pattern: str) -> tuple[Sequence, Tokens]:
    items: list[str | Choice] = []
    while tokens and tokens[0] not in {"|", ")", "]"}:
        head, tokens = tokens[0], tokens[1:]
        if head in _CLOSING:
            choice, tokens = _choice(head, tokens, pattern)
            items.append(choice)
        elif head == GAP:
            items.append(Choice(tuple((GAP,) * width for width in range(_GAP_WIDTH + 1))))
        elif head == "=":
            raise PatternError(
                f"pattern {pattern!r}: '=' stands before one character, or before the whole pattern"
            )
        elif head in _OPERATORS:
            raise PatternError(f"pattern {pattern!r}: {head!r} means nothing here; use [] or ()")
        else:
            items.append(head)
    return tuple(items), tokens


def _choice(opening: str, tokens: Tokens, pattern: str) -> tuple[Choice, Tokens]:
    options: list[Sequence] = [()] if opening == "[" else []
    while True:
        option, tokens = _sequence(tokens, pattern)
        options.append(option)
        if not tokens or tokens[0] not in {"|", _CLOSING[opening]}:
            raise PatternError(
                f"pattern {pattern!r}: {opening!r} is never closed; add {_CLOSING[opening]!r}"
            )
        closed = tokens[0] != "|"
        tokens = tokens[1:]
        if closed:
            return Choice(tuple(options)), tokens


def _may_be_empty(sequence: Sequence) -> bool:
    return all(
        item == GAP
        if isinstance(item, str)
        else any(_may_be_empty(option) for option in item.options)
        for item in sequence
    )
