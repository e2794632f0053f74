"""English for the training of a model: its words, its sentences, and speech of three engines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib import resources
from random import Random

from asr.training.card import Credits
from asr.training.english_sounds import PHONES, fitted
from asr.training.english_texts import generated, held_out_sentences, sentences, short_answer
from asr.training.english_voices import SYNTHESISERS, spoken
from asr.training.language import Clip, PhoneSet, Pronunciation

_PAUSE = 0.05
"""Share of words after which the synthetic speaker stops for a moment."""


_DICTIONARY = "graph/ holds readings of the CMU Pronouncing Dictionary, whose notice says:"


class English:
    """en-US: the words of delivery calls, of voicemail and carriers, and common words."""

    code = "en-US"

    @property
    def phones(self) -> PhoneSet:
        """ARPAbet without stress."""
        return PHONES

    @cached_property
    def _file(self) -> str:
        return resources.files("asr.training").joinpath("en", "words.txt").read_text("utf-8")

    @cached_property
    def _rows(self) -> Mapping[str, tuple[float, tuple[Pronunciation, ...]]]:
        rows: dict[str, tuple[float, tuple[Pronunciation, ...]]] = {}
        for line in self._file.splitlines():
            if not line.startswith("#"):
                word, count, readings = line.split(maxsplit=2)
                spelt = tuple(tuple(reading.split()) for reading in readings.split("/"))
                rows[word] = (float(count), spelt)
        return rows

    def lexicon(self) -> Mapping[str, tuple[Pronunciation, ...]]:
        """Return every word with its readings."""
        return {word: readings for word, (_, readings) in self._rows.items()}

    def general(self) -> Mapping[str, float]:
        """Return how common words are here."""
        return {word: count for word, (count, _) in self._rows.items()}

    def texts(self, seed: int, count: int) -> Iterator[tuple[str, ...]]:
        """Yield sentences for the language model: patterns, hand-written ones, short answers."""
        random = Random(seed)
        written = sentences()
        for _ in range(count):
            chance = random.random()
            if chance < 0.6:
                yield tuple(generated(random).split())
            elif chance < 0.82:
                yield tuple(random.choice(written).split())
            else:
                yield tuple(short_answer(random).split())

    def pronounce(self, text: str) -> tuple[Pronunciation, ...]:
        """Return the usual reading of each word; raises ValueError for a word it hasn't."""
        return tuple(readings[0] for readings in self._readings(text))

    def _readings(self, text: str) -> list[tuple[Pronunciation, ...]]:
        words = text.lower().split()
        unknown = [word for word in words if word not in self._rows]
        if unknown:
            raise ValueError(f"{' '.join(unknown)} in {text!r}: in no line of en/words.txt")
        return [self._rows[word][1] for word in words]

    @cached_property
    def _words(self) -> tuple[str, ...]:
        return tuple(self._rows)

    def sentence(self, random: Random, held_out: bool = False) -> str:
        """Return something to say: of the domain, or words at random so that all sounds occur."""
        chance = random.random()
        if held_out:
            unseen = held_out_sentences()
            return random.choice(unseen) if chance < 0.3 else generated(random, held_out=True)
        if chance < 0.42:
            return generated(random)
        if chance < 0.62:
            return random.choice(sentences())
        if chance < 0.77:
            return short_answer(random)
        return " ".join(random.choice(self._words) for _ in range(random.randint(1, 5)))

    def speak(self, random: Random, held_out: bool = False) -> Clip:
        """Synthesise a sentence with a random engine, voice, speed and pitch, at its own rate."""
        while True:
            text = self.sentence(random, held_out)
            if (clip := self.spoken(text, random, held_out)) is not None:
                return clip

    def spoken(self, text: str, random: Random, held_out: bool = False) -> Clip | None:
        """Return a text said by a random voice; None when it was said in another way."""
        words = text.split()
        paused = [f"{w}," if random.random() < _PAUSE else w for w in words[:-1]]
        said = spoken(" ".join([*paused, words[-1]]), random, held_out)
        found = fitted(self._readings(text), said.told)
        if found is None:
            return None
        return Clip(said.pcm, said.rate, text, found.words, found.segments)

    @property
    def credits(self) -> Credits:
        """The synthesisers, and the dictionary with its notice."""
        head = [line[1:].strip() for line in self._file.splitlines() if line.startswith("#")]
        return Credits(SYNTHESISERS, "\n".join([_DICTIONARY, *head[1:]]))

    def sounds(self, words: tuple[Pronunciation, ...]) -> tuple[Pronunciation, ...]:
        """Return the units in which errors count where there is no language model: phones."""
        return tuple((phone,) for word in words for phone in word)
