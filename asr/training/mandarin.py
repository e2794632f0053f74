"""Mandarin for the training of a model: its words, its sentences, and speech of espeak-ng."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib import resources
from random import Random

from asr.training.espeak import HELD_OUT_VARIANTS, TRAINING_VARIANTS, say, syllable_segments
from asr.training.language import Clip, PhoneSet, Pronunciation
from asr.training.mandarin_sounds import PHONES, accented, pinyin, standard, syllable
from asr.training.mandarin_texts import (
    generated,
    held_out_sentences,
    sentences,
    short_answer,
)

NUMERALS = frozenset("零一二三四五六七八九十百千万两幺")

_VOICE = "cmn-latn-pinyin"

_PAUSE = 0.06
"""Share of syllables after which the synthetic speaker stops for a moment."""

_UNSEEN = 200.0
"""How common a word is taken to be that jieba's list does not count."""

_ACCENTED_AFTER = 4
"""A word said so often in the hand-written sentences is also heard with an accent."""

_ACCENTS_PER_WORD = 2


class Mandarin:
    """zh-CN: words of jieba's list and of delivery calls, and every character of GB 2312's first
    level, so that any phrase can be offered as a grammar.
    """

    code = "zh-CN"

    @property
    def phones(self) -> PhoneSet:
        """Initials and finals without tones."""
        return PHONES

    @cached_property
    def words(self) -> Mapping[str, float]:
        """Word -> how often jieba's list counts it."""
        text = resources.files("asr.training").joinpath("zh", "words.txt").read_text("utf-8")
        pairs = (line.split() for line in text.splitlines())
        return {word: float(count) or _UNSEEN for word, count in pairs}

    def lexicon(self) -> Mapping[str, tuple[Pronunciation, ...]]:
        """Return every word with its readings, accents last."""
        found = {word: standard(word) for word in self.words}
        for word in self._accented_words:
            bent = accented(found[word][0])
            found[word] += tuple(p for _, p in zip(range(_ACCENTS_PER_WORD), bent, strict=False))
        return found

    @cached_property
    def _accented_words(self) -> tuple[str, ...]:
        """Never numerals or single characters: 四 must not become 十."""
        said = Counter(word for text in sentences() for word in self.split(text))
        return tuple(
            word
            for word, count in said.items()
            if count >= _ACCENTED_AFTER and len(word) > 1 and not NUMERALS & set(word)
        )

    def texts(self, seed: int, count: int) -> Iterator[tuple[str, ...]]:
        """Yield sentences for the language model: patterns, hand-written ones, short answers."""
        random = Random(seed)
        written = sentences()
        for _ in range(count):
            chance = random.random()
            if chance < 0.55:
                text = generated(random)
            elif chance < 0.85:
                text = random.choice(written)
            else:
                text = short_answer(random)
            yield self.split(text)

    def general(self) -> Mapping[str, float]:
        """Return how common words are in Mandarin at large."""
        return self.words

    def split(self, text: str) -> tuple[str, ...]:
        """Cut a text into words of the lexicon, so that the words together are likeliest.

        Raises ValueError for a character that is in no word.
        """
        best: list[tuple[float, int]] = [(0.0, 0)]
        for end in range(1, len(text) + 1):
            options = [
                (best[start][0] + self._weights[text[start:end]], start)
                for start in range(max(0, end - self._longest), end)
                if text[start:end] in self._weights
            ]
            if not options:
                raise ValueError(f"{text[end - 1]!r} in {text!r} is in no word of the lexicon")
            best.append(max(options))
        words: list[str] = []
        end = len(text)
        while end:
            start = best[end][1]
            words.insert(0, text[start:end])
            end = start
        return tuple(words)

    @cached_property
    def _weights(self) -> dict[str, float]:
        total = math.log(sum(self.words.values()))
        return {word: math.log(count) - total for word, count in self.words.items()}

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self.words))

    @cached_property
    def _whole_words(self) -> tuple[str, ...]:
        return tuple(word for word, count in self.words.items() if len(word) > 1 and count > 60)

    def pronounce(self, text: str) -> tuple[Pronunciation, ...]:
        """Return how a transcript reads, syllable by syllable; raises ValueError for no Hanzi.

        A transcript in Latin letters is one syllable of pinyin.
        """
        if text.isascii():
            return (syllable(text),)
        return tuple(syllable(s) for s in pinyin(text))

    def sentence(self, random: Random, held_out: bool = False) -> str:
        """Return something to say: of the domain, or words at random so that all sounds occur."""
        chance = random.random()
        if held_out:
            unseen = held_out_sentences()
            return random.choice(unseen) if chance < 0.3 else generated(random, held_out=True)
        if chance < 0.35:
            return generated(random)
        if chance < 0.6:
            return random.choice(sentences())
        if chance < 0.8:
            return short_answer(random)
        return "".join(random.choice(self._whole_words) for _ in range(random.randint(1, 4)))

    def speak(self, random: Random, held_out: bool = False) -> Clip:
        """Synthesise a sentence with a random voice, speed and pitch, at espeak-ng's rate."""
        while True:
            text = self.sentence(random, held_out)
            if (clip := spoken(text, random, held_out)) is not None:
                return clip


def spoken(text: str, random: Random, held_out: bool = False) -> Clip | None:
    """Return a text said by a random voice; None when the synthesiser swallowed a syllable.

    Held out: by a voice that training never hears.
    """
    syllables = pinyin(text)
    variant = random.choice(HELD_OUT_VARIANTS if held_out else TRAINING_VARIANTS)
    written = "".join(s + (", " if random.random() < _PAUSE else " ") for s in syllables[:-1])
    said = say(
        written + syllables[-1],
        f"{_VOICE}+{variant}",
        words_per_minute=random.uniform(125, 330),
        pitch=min(95.0, max(5.0, random.gauss(48, 18))),
        pitch_range=random.uniform(15, 90),
    )
    words = tuple(syllable(s) for s in syllables)
    segments = syllable_segments(said, words)
    if not segments:
        return None
    return Clip(said.pcm, said.rate, text, words, segments)
