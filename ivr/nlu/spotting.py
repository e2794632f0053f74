"""Finding the phrases of a phrase file in what was said, by character and by sound."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ivr.nlu.patterns import GAP, Choice, Sequence, Tokens, parse
from ivr.nlu.sound import EXACT, likeness, sound_class

_LEAST_LIKENESS = {1: EXACT, 2: 0.77, 3: 0.75}
"""By phrase length; short phrases have many homophones."""
_LEAST_LIKENESS_LONG = 0.7
_LEAST_LIKENESS_STRICT = 0.8
"""For kinds that must not be heard by mistake."""
_GAP_WORTH = 0.2
"""How much a gap adds to a phrase's length when phrases compete."""
_SKIPS = 2
"""Words of little weight that may be heard inside a phrase."""
_SKIP_COST = 0.12
"""How much each of them lowers the sum of the likenesses."""
MOST_REMEMBERED = 40_000
"""Beginnings of phrases, about 10 MB of them; then all are forgotten."""
_LONGER_IS_BETTER = 1.5
"""Exponent of the length: one long phrase beats two short ones over the same characters."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A phrase found in what was said."""

    kind: str
    start: int
    """Index of the first token."""
    end: int
    """Index after the last token."""
    likeness: float
    """Mean over its characters, 0 to 1; 1 means the very same characters."""
    worth: float
    """What it counts when phrases compete for the same tokens."""


@dataclass(slots=True, eq=False)
class _Node:
    edges: dict[str, list[tuple[str, _Node]]] = field(default_factory=dict)
    """By sound class: the token meant, and where it leads."""
    joins: list[_Node] = field(default_factory=list)
    """Nodes reached without a token; empty once the graph is closed."""
    endings: list[tuple[str, bool]] = field(default_factory=list)
    """Kinds of the phrases that end here, and whether they match by character only."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A node of the closed graph; places know each other by number."""

    edges: Mapping[str, tuple[tuple[str, int], ...]]
    """By sound class: the token meant, and where it leads."""
    gaps: tuple[int, ...]
    """Where any token leads."""
    endings: tuple[tuple[str, bool], ...]


_Path = tuple[int, float, int, int]
"""The place a phrase has got to, the likeness of its tokens so far, how many were no gap, and how
many light words were passed over. Numbers only: the garbage collector need not look at them."""


@dataclass(frozen=True, slots=True)
class _Ending:
    """A phrase that ends at a state."""

    kind: str
    likeness: float
    worth: float


@dataclass(slots=True, eq=False)
class _State:
    """All phrases that begin with certain tokens."""

    paths: tuple[_Path, ...]
    length: int
    """How many tokens they are."""
    ending: _Ending | None = None
    """What ends here and is worth most."""
    following: dict[str, _State] = field(default_factory=dict)
    """By the token that was said next, as far as it ever was."""


_NOTHING = _State((), 0)
"""Where no phrase goes on."""


class Spotter:
    """All phrases of one language as one graph of sounds."""

    def __init__(
        self,
        kinds: Mapping[str, Iterable[str]],
        worths: Mapping[str, float] | None = None,
        strict: Iterable[str] = (),
        light: Iterable[str] = (),
        remembers: int = MOST_REMEMBERED,
    ) -> None:
        """Index the patterns of each kind; `worths` scales what a kind counts in a competition.

        The kinds in `strict` are only found where at least the syllables were said. Up to two
        words that are `light` may be heard inside a phrase without being part of it. Of what was
        said it keeps up to `remembers` beginnings, to know them again.

        Raises PatternError when a pattern cannot be read.
        """
        root = _Node()
        self._worths = dict(worths or {})
        self._strict = frozenset(strict)
        self._light = frozenset(light)
        for kind, patterns in kinds.items():
            for pattern in patterns:
                end = _grow(root, parse(pattern.removeprefix("=")))
                end.endings.append((kind, pattern.startswith("=")))
        _close(root)
        # A gap before the first word of a phrase would only make every phrase begin everywhere.
        root.edges.pop(GAP, None)
        self._places = _numbered(root)
        self._beginning = _State(((0, 0.0, 0, 0),), 0)
        self._remembered = 0
        self._most_remembered = remembers

    def best_cover(self, tokens: Tokens) -> list[Spot]:
        """Return the phrases that explain the tokens best, in order and without overlap."""
        by_end: list[list[tuple[int, _Ending]]] = [[] for _ in range(len(tokens) + 1)]
        for start in range(len(tokens)):
            state = self._beginning
            for end in range(start + 1, len(tokens) + 1):
                token = tokens[end - 1]
                following = state.following.get(token)
                if following is None:
                    following = self._after(state, token)
                if following is _NOTHING:
                    break
                state = following
                if state.ending is not None:
                    by_end[end].append((start, state.ending))
        worth = [0.0] * (len(tokens) + 1)
        chosen: list[tuple[int, _Ending] | None] = [None] * (len(tokens) + 1)
        for end in range(1, len(tokens) + 1):
            worth[end] = worth[end - 1]
            for phrase in by_end[end]:
                start, ending = phrase
                if worth[start] + ending.worth > worth[end]:
                    worth[end], chosen[end] = worth[start] + ending.worth, phrase
        cover: list[Spot] = []
        position = len(tokens)
        while position:
            last = chosen[position]
            if last is None:
                position -= 1
            else:
                start, ending = last
                cover.append(Spot(ending.kind, start, position, ending.likeness, ending.worth))
                position = start
        return cover[::-1]

    def _after(self, state: _State, token: str) -> _State:
        """Return where one more token leads, and remember it: people use the same words again."""
        advanced = self._advanced(state.paths, token)
        paths = advanced
        if token in self._light:
            paths += _passed_over(state.paths)
        length = state.length + 1
        following = _State(paths, length, self._ending(advanced, length)) if paths else _NOTHING
        self._remembered += 1
        if self._remembered > self._most_remembered:
            self._remembered = 0
            self._beginning = _State(self._beginning.paths, 0)
        state.following[token] = following
        return following

    def _advanced(self, paths: tuple[_Path, ...], said: str) -> tuple[_Path, ...]:
        """Return where the phrases are that take in one more token; of each place the likeliest."""
        best: dict[int, _Path] = {}
        places = self._places
        said_class = _class(said)
        fills_gaps = not said.startswith("{")
        for at, total, solid, skipped in paths:
            place = places[at]
            for meant, following in place.edges.get(said_class, ()):
                if meant == said:
                    reached = total + EXACT
                elif meant[0] != "=":
                    reached = total + likeness(said, meant)
                elif meant[1:] == said:
                    reached = total + EXACT
                else:
                    continue
                known = best.get(following)
                if known is None or known[1] < reached:
                    best[following] = (following, reached, solid + 1, skipped)
            if fills_gaps:
                for following in place.gaps:
                    if following not in best:
                        best[following] = (following, total, solid, skipped)
        return tuple(best.values())

    def _ending(self, paths: tuple[_Path, ...], length: int) -> _Ending | None:
        """Return the phrase that is worth most of those that end here after so many tokens."""
        found: dict[str, _Ending] = {}
        for at, total, solid, _ in paths:
            for kind, by_character_only in self._places[at].endings:
                mean = total / solid if solid else 0.0
                if mean < (EXACT if by_character_only else self._least(kind, solid)):
                    continue
                size = solid + _GAP_WORTH * (length - solid)
                worth = size**_LONGER_IS_BETTER * mean * mean * self._worths.get(kind, 1.0)
                if kind not in found or found[kind].worth < worth:
                    found[kind] = _Ending(kind, mean, worth)
        return max(found.values(), key=lambda each: each.worth, default=None)

    def _least(self, kind: str, solid: int) -> float:
        least = _LEAST_LIKENESS.get(solid, _LEAST_LIKENESS_LONG)
        return max(least, _LEAST_LIKENESS_STRICT) if kind in self._strict else least


def _class(token: str) -> str:
    return token if token == GAP else sound_class(token.removeprefix("="))


def _passed_over(paths: tuple[_Path, ...]) -> tuple[_Path, ...]:
    """Return the paths that may go on after a word which is not theirs."""
    return tuple(
        (at, total - _SKIP_COST, solid, skipped + 1)
        for at, total, solid, skipped in paths
        if solid and skipped < _SKIPS
    )


def _grow(start: _Node, sequence: Sequence) -> _Node:
    """Add a sequence after a node and return the node it ends in, which is nobody else's."""
    node = start
    for item in sequence:
        if isinstance(item, Choice):
            end = _Node()
            for option in item.options:
                _grow(node, option).joins.append(end)
            node = end
        else:
            node = _step(node, item)
    return node


def _step(node: _Node, token: str) -> _Node:
    """Return the node a token leads to, shared by all patterns that begin alike."""
    edges = node.edges.setdefault(_class(token), [])
    for meant, following in edges:
        if meant == token:
            return following
    following = _Node()
    edges.append((token, following))
    return following


def _close(root: _Node) -> None:
    """Give every node what it reaches without a token, so that matching need not look."""
    closed: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in closed:
            continue
        closed.add(id(node))
        joined: dict[int, _Node] = {}
        reached = list(node.joins)
        while reached:
            other = reached.pop()
            if id(other) not in joined and other is not node:
                joined[id(other)] = other
                reached += other.joins
        # A node which is closed already repeats what it joins; the sets below keep one of each.
        for other in joined.values():
            for sound, edges in other.edges.items():
                mine = node.edges.setdefault(sound, [])
                have = {(token, id(target)) for token, target in mine}
                mine += [e for e in edges if (e[0], id(e[1])) not in have]
            node.endings += [e for e in other.endings if e not in node.endings]
        waiting += [target for edges in node.edges.values() for _, target in edges]


def _numbered(root: _Node) -> tuple[_Place, ...]:
    """Return the nodes that can be reached as places, the root first."""
    numbers = {id(root): 0}
    nodes = [root]
    for node in nodes:
        for edges in node.edges.values():
            for _, target in edges:
                if id(target) not in numbers:
                    numbers[id(target)] = len(nodes)
                    nodes.append(target)
    return tuple(
        _Place(
            {
                sound: tuple((token, numbers[id(target)]) for token, target in edges)
                for sound, edges in node.edges.items()
                if sound != GAP
            },
            tuple(numbers[id(target)] for _, target in node.edges.get(GAP, ())),
            tuple(node.endings),
        )
        for node in nodes
    )
