"""The decoding graph of a model: what turns the network's outputs into words.

Two halves that Vosk joins while it listens, so that a question may bring its own grammar:
HCLr.fst (states, phones, words) and Gr.fst (which word follows which).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from asr.training.fst import FstTools, fst_tools
from asr.training.graph_lexicon import lexicon_transducer
from asr.training.graph_ngrams import BEGIN, END, NGrams, estimate
from asr.training.language import Language, Pronunciation
from asr.training.topology import Topology

UNKNOWN = "[unk]"
"""Vosk's word for speech that fits no phrase of a grammar."""

SENTENCES = 300_000


@runtime_checkable
class CountedWords(Protocol):
    """A language that knows how common its words are anywhere."""

    def general(self) -> Mapping[str, float]:
        """Return word -> count."""


@dataclass(frozen=True, slots=True)
class GraphOptions:
    """What the graph of a model is like; the defaults suit a language of syllables."""

    sentences: int = SENTENCES
    """How many sentences of the language the word sequences are counted in."""
    order: int = 3
    """How many words a sequence has at most."""
    least_count: tuple[float, ...] = (0.0, 0.0, 1.2)
    """A sequence of so many words counts from here on."""
    flattening: float = 0.5
    """Exponent on how often a sentence came: set phrases must not drown the rest."""
    background_share: float = 0.1
    """Share of the single words that general speech gets."""
    garbage_phones: int = 2
    """`[unk]` is any reading of at most so many phones."""
    garbage_cost: float = 4.0
    unknown: str = UNKNOWN
    words_inside: bool = False
    """The table of words lies in Gr.fst, as in small official models, and not in words.txt."""
    static: bool = False
    """One HCLG.fst instead of the two halves: half the work, and no grammars."""


@dataclass(frozen=True, slots=True)
class GraphReport:
    """What was built."""

    words: int
    sequences: int
    """Word sequences of the language model."""
    megabytes: float


def write_graph(
    language: Language,
    directory: Path,
    *,
    seed: int = 1,
    progress: Callable[[str], None] = lambda _: None,
    options: GraphOptions | None = None,
) -> GraphReport:
    """Write the folder `graph` of a model into `directory`; takes about a minute.

    Raises FstError when OpenFst's tools are missing.
    """
    chosen = options or GraphOptions()
    topology = Topology(language.phones)
    lexicon = language.lexicon()
    progress(f"counting {chosen.sentences} sentences")
    model = language_model(language, lexicon, seed, chosen)
    numbers = {word: number for number, word in enumerate((*lexicon, chosen.unknown), 1)}
    with fst_tools() as tools:
        progress(f"joining {len(lexicon)} words and {len(model.probabilities)} sequences")
        numbers = _write_transducers(tools, directory, topology, lexicon, numbers, model, chosen)
    _write_tables(directory, topology, numbers, chosen)
    size = sum(f.stat().st_size for f in directory.rglob("*") if f.is_file()) / 1e6
    return GraphReport(len(lexicon), len(model.probabilities), size)


def language_model(
    language: Language,
    lexicon: Mapping[str, tuple[Pronunciation, ...]],
    seed: int,
    options: GraphOptions,
) -> NGrams:
    """Return how likely the words of a language follow each other in its sentences."""
    counted = Counter(language.texts(seed, options.sentences))
    sentences = {text: count**options.flattening for text, count in counted.items()}
    common = language.general() if isinstance(language, CountedWords) else {}
    background = {word: (common.get(word, 0.0) + 1.0) ** 0.6 for word in lexicon}
    return estimate(
        sentences, background, options.order, options.background_share, options.least_count
    )


def _write_transducers(
    tools: FstTools,
    directory: Path,
    topology: Topology,
    lexicon: Mapping[str, tuple[Pronunciation, ...]],
    numbers: dict[str, int],
    model: NGrams,
    options: GraphOptions,
) -> dict[str, int]:
    directory.mkdir(parents=True, exist_ok=True)
    readings = (r for word in lexicon.values() for r in word if len(r) <= options.garbage_phones)
    garbage = (options.unknown, readings, options.garbage_cost)
    left = lexicon_transducer(topology, lexicon, numbers, garbage)
    if options.static:
        tools.composed(left, model.acceptor(numbers), directory / "HCLG.fst")
        return numbers
    renamed = tools.look_ahead(left, directory / "HCLr.fst")
    numbers = {word: renamed[number] for word, number in numbers.items()}
    table = _word_table(numbers)
    tools.acceptor(
        model.acceptor(numbers), directory / "Gr.fst", table if options.words_inside else ""
    )
    return numbers


def _word_table(numbers: Mapping[str, int]) -> str:
    last = max(numbers.values())
    rows = {"<eps>": 0, **dict(sorted(numbers.items(), key=lambda pair: pair[1]))}
    rows |= {BEGIN: last + 2, END: last + 3, "#0": last + 4}
    return "".join(f"{word} {number}\n" for word, number in rows.items())


def _write_tables(
    directory: Path, topology: Topology, numbers: Mapping[str, int], options: GraphOptions
) -> None:
    if not options.words_inside:
        (directory / "words.txt").write_text(_word_table(numbers), encoding="utf-8")
    if not options.static:
        # Vosk wants the file; nothing is determinised, so it holds a transition that never occurs.
        unused = 2 * len(topology.triples) + 1
        (directory / "disambig_tid.int").write_text(f"{unused}\n", encoding="ascii")
    (directory / "phones.txt").write_text(topology.phones_text(), encoding="ascii")
    phones = directory / "phones"
    phones.mkdir(exist_ok=True)
    (phones / "word_boundary.int").write_text(topology.word_boundary(), encoding="ascii")
