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


_Path = tuple[_Node, float, int, int]
"""Where a phrase has got to, the likeness of its tokens so far, how many were no gap, and how many
light words were passed over."""


class Spotter:
    """All phrases of one language as one graph of sounds."""

    def __init__(
        self,
        kinds: Mapping[str, Iterable[str]],
        worths: Mapping[str, float] | None = None,
        strict: Iterable[str] = (),
        light: Iterable[str] = (),
    ) -> None:
        """Index the patterns of each kind; `worths` scales what a kind counts in a competition.

        The kinds in `strict` are only found where at least the syllables were said. Up to two
        words that are `light` may be heard inside a phrase without being part of it.

        Raises PatternError when a pattern cannot be read.
        """
        self._root = _Node()
        self._worths = dict(worths or {})
        self._strict = frozenset(strict)
        self._light = frozenset(light)
        for kind, patterns in kinds.items():
            for pattern in patterns:
                end = _grow(self._root, parse(pattern.removeprefix("=")))
                end.endings.append((kind, pattern.startswith("=")))
        _close(self._root)
        # A gap before the first word of a phrase would only make every phrase begin everywhere.
        self._root.edges.pop(GAP, None)

    def all_spots(self, tokens: Tokens) -> list[Spot]:
        """Return every phrase that occurs, overlapping ones too."""
        classes = [_class(token) for token in tokens]
        found: dict[tuple[str, int, int], Spot] = {}
        for start in range(len(tokens)):
            paths: list[_Path] = [(self._root, 0.0, 0, 0)]
            for position in range(start, len(tokens)):
                advanced = _advance(paths, tokens[position], classes[position])
                passed = _passed_over(paths) if tokens[position] in self._light else []
                paths = advanced + passed
                if not paths:
                    break
                for path in advanced:
                    for kind, by_character_only in path[0].endings:
                        spot = self._spot(path, kind, start, position + 1)
                        if spot is None or (by_character_only and spot.likeness < EXACT):
                            continue
                        place = (kind, start, position + 1)
                        if place not in found or found[place].worth < spot.worth:
                            found[place] = spot
        return list(found.values())

    def best_cover(self, tokens: Tokens) -> list[Spot]:
        """Return the phrases that explain the tokens best, in order and without overlap."""
        by_end: dict[int, list[Spot]] = {}
        for spot in self.all_spots(tokens):
            by_end.setdefault(spot.end, []).append(spot)
        worth = [0.0] * (len(tokens) + 1)
        chosen: list[Spot | None] = [None] * (len(tokens) + 1)
        for end in range(1, len(tokens) + 1):
            worth[end] = worth[end - 1]
            for spot in by_end.get(end, ()):
                candidate = worth[spot.start] + spot.worth
                if candidate > worth[end]:
                    worth[end], chosen[end] = candidate, spot
        cover: list[Spot] = []
        position = len(tokens)
        while position:
            last = chosen[position]
            if last is None:
                position -= 1
            else:
                cover.append(last)
                position = last.start
        return cover[::-1]

    def _spot(self, path: _Path, kind: str, start: int, end: int) -> Spot | None:
        _, total, solid, _ = path
        mean = total / solid if solid else 0.0
        if mean < _LEAST_LIKENESS.get(solid, _LEAST_LIKENESS_LONG):
            return None
        if kind in self._strict and mean < _LEAST_LIKENESS_STRICT:
            return None
        length = solid + _GAP_WORTH * (end - start - solid)
        worth = length**_LONGER_IS_BETTER * mean * mean * self._worths.get(kind, 1.0)
        return Spot(kind, start, end, mean, worth)


def _class(token: str) -> str:
    return token if token == GAP else sound_class(token.removeprefix("="))


def _advance(paths: list[_Path], said: str, said_class: str) -> list[_Path]:
    best: dict[_Node, _Path] = {}
    fills_gaps = not said.startswith("{")
    for node, total, solid, skipped in paths:
        for meant, following in node.edges.get(said_class, ()):
            if meant[0] == "=" and said != meant[1:]:
                continue
            reached = total + (EXACT if meant[0] == "=" else likeness(said, meant))
            known = best.get(following)
            if known is None or known[1] < reached:
                best[following] = (following, reached, solid + 1, skipped)
        if fills_gaps and GAP in node.edges:
            for _, following in node.edges[GAP]:
                if following not in best:
                    best[following] = (following, total, solid, skipped)
    return list(best.values())


def _passed_over(paths: list[_Path]) -> list[_Path]:
    """Return the paths that may go on after a word which is not theirs."""
    return [
        (node, total - _SKIP_COST, solid, skipped + 1)
        for node, total, solid, skipped in paths
        if solid and skipped < _SKIPS
    ]


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
