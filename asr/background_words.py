"""Words of other people, behind the one who holds the telephone; pure.

    level   -25 -24 -26 -23    -35  -36 dBFS
    words   等  我  下班 再送  月初 来的
                               ^ as soft as the softest that was heard in the turn: somebody else's

A television or a room full of people goes on when the callee has finished, and the recogniser
makes words of it. Only soft words at the ends of a turn are left out, and only where the line was
never quiet: people let their voice fall, but not down to the noise around them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from asr.hearing import Alternative, Recognition, Word
from audio.level import dbfs
from audio.pcm import FRAME_BYTES, SAMPLE_BYTES, SAMPLE_RATE, frames

SOFTER_DB = 9.0
"""A word of others is softer than the loudest by at least this,"""
ABOVE_SOFTEST_DB = 8.0
"""and louder than the softest tenth of the turn by no more than this."""
QUIET_BELOW_DB = 25.0
"""Where the softest tenth lies so far below the loudest word nobody else was heard."""


def without_background(found: Recognition, sound: bytes) -> Recognition:
    """Return what was recognised in the sound without words of others before and after it.

    Its word times count from the beginning of the sound, which is mono at 8 kHz with 16 bits.
    """
    if len(found.words) < 2:
        return found
    levels = [_level(word, sound) for word in found.words]
    ordered = sorted(map(dbfs, frames(sound[: len(sound) // FRAME_BYTES * FRAME_BYTES])))
    softest, loudest = ordered[len(ordered) // 10], max(levels)
    if softest < loudest - QUIET_BELOW_DB:
        return found
    limit = min(loudest - SOFTER_DB, softest + ABOVE_SOFTEST_DB)
    loud = [place for place, level in enumerate(levels) if level > limit]
    return _between(found, loud[0], loud[-1] + 1)


def _between(found: Recognition, first: int, end: int) -> Recognition:
    if (first, end) == (0, len(found.words)):
        return found
    before = [word.text for word in found.words[:first]]
    after = [word.text for word in found.words[end:]]
    shares: dict[str, float] = {}
    for each in found.alternatives:
        left = _stripped(each.text, before, after)
        shares[left] = shares.get(left, 0.0) + each.confidence
    return replace(
        found,
        text=_stripped(found.text, before, after),
        words=found.words[first:end],
        alternatives=tuple(Alternative(*reading) for reading in shares.items() if reading[0]),
    )


def _stripped(text: str, before: Sequence[str], after: Sequence[str]) -> str:
    """Return a reading without these words at its ends, as far as they are there."""
    for word in before:
        rest = text.removeprefix(word)
        text = text if _is_cut_apart(word, rest[:1]) else rest.strip()
    for word in reversed(after):
        rest = text.removesuffix(word)
        text = text if _is_cut_apart(word, rest[-1:]) else rest.strip()
    return text


def _is_cut_apart(word: str, beside: str) -> bool:
    """Answer whether it was a part of a longer word of Latin letters."""
    return word.isascii() and beside not in ("", " ")


def _level(word: Word, sound: bytes) -> float:
    first, end = (round(at * SAMPLE_RATE) * SAMPLE_BYTES for at in (word.began, word.ended))
    return dbfs(sound[first:end])
