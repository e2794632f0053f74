"""What was heard of the corpus, in figures and as tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby

from audio_fixtures.corpus.conditions import noise_of
from audio_fixtures.corpus.ear import Heard
from audio_fixtures.corpus.recordings import CorpusVoice, Kind
from audio_fixtures.meant import SLOTS, share

SPOKEN = frozenset({Kind.SENTENCE, Kind.PAIR})
BARS = "CER at most 8 %, intents at least 97 %, slots at least 93 %"

Columns = dict[str, str]


def tables(heard: Sequence[Heard], voices: Mapping[str, CorpusVoice]) -> str:
    """Return everything that was measured, as Markdown."""
    sentences = [each for each in heard if each.recording.kind is Kind.SENTENCE]
    noisy = [each for each in sentences if each.condition != "clean"]
    parts = [
        f"Bars on the noisy voices no model was trained with: {BARS}.",
        _table("condition", _by(sentences, lambda each: each.condition), _spoken),
        _table("noisy, by split", _by(noisy, lambda each: each.recording.split), _spoken),
        _table(
            "noisy, by voices",
            _by(noisy, lambda each: _group(voices[each.recording.voice])),
            _spoken,
        ),
        _table("noisy, by noise", _by(noisy, lambda each: noise_of(each.recording.id)), _spoken),
        _table("noisy, by voice", _by(noisy, lambda each: each.recording.voice), _spoken),
        _table("everything else", _by(heard, lambda each: each.condition), _others),
    ]
    return "\n\n".join(parts)


def accuracy(heard: Iterable[Heard]) -> tuple[float, float, float]:
    """Return the shares of wrong characters, right intents and right slots."""
    every = list(heard)
    wanted = sum(each.wanted for each in every)
    wrong = sum(each.wrong for each in every)
    intents = share(each.intent for each in every)
    slots = share(right for each in every for right in each.slots.values())
    return wrong / wanted if wanted else 0.0, intents, slots


def _spoken(heard: Sequence[Heard]) -> Columns:
    wrong, intents, slots = accuracy(heard)
    by_slot = {name: [e.slots[name] for e in heard if name in e.slots] for name in SLOTS}
    return {
        "recordings": str(len(heard)),
        "**CER**": f"**{100 * wrong:.1f}**",
        "**intents**": f"**{100 * intents:.1f}**",
        "**slots**": f"**{100 * slots:.1f}**",
        **{
            name.replace("_", "-"): _percent(share(right)) if right else "-"
            for name, right in by_slot.items()
        },
        "all intents of a breath": _percent(share(each.intent and each.also for each in heard)),
        "in several turns": _percent(share(each.turns > 1 for each in heard)),
        "not heard": _percent(share(not each.text for each in heard)),
    }


def _others(heard: Sequence[Heard]) -> Columns:
    pairs = [each for each in heard if each.recording.kind is Kind.PAIR]
    both = _by(pairs, lambda each: each.recording.pair).values()
    sounds = [each for each in heard if each.recording.kind is Kind.SOUND]
    backchannels = [each for each in heard if each.recording.kind is Kind.BACKCHANNEL]
    return {
        "pairs": str(len(both)),
        "both of a pair understood": _percent(share(all(map(_understood, pair)) for pair in both)),
        "backchannels": str(len(backchannels)),
        "understood as such": _percent(share(each.intent for each in backchannels)),
        "noises": str(len(sounds)),
        "taken for words": _percent(share(bool(each.text) for each in sounds)),
        "taken for an answer": _percent(share(not each.intent for each in sounds)),
    }


def _understood(heard: Heard) -> bool:
    return heard.intent and all(heard.slots.values())


def _group(voice: CorpusVoice) -> str:
    return "held out" if voice.held_out else f"{voice.engine}, may be trained on"


def _by(heard: Iterable[Heard], key: Callable[[Heard], str]) -> dict[str, list[Heard]]:
    """Return them by a property, in the order of its first appearance."""
    every = list(heard)
    order = list(dict.fromkeys(map(key, every)))
    ordered = sorted(every, key=lambda each: order.index(key(each)))
    return {name: list(group) for name, group in groupby(ordered, key)}


def _table(
    title: str,
    groups: Mapping[str, Sequence[Heard]],
    columns_of: Callable[[Sequence[Heard]], Columns],
) -> str:
    rows = {name: columns_of(heard) for name, heard in groups.items()}
    names = list(next(iter(rows.values()), {}))
    lines = [f"| {title} | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    lines += [f"| {name} | " + " | ".join(row.values()) + " |" for name, row in rows.items()]
    return "\n".join(lines)


def _percent(value: float) -> str:
    return f"{100 * value:.1f}"
