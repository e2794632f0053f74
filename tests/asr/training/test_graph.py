from __future__ import annotations

import json
import math
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random

import pytest
import vosk

from asr.model_files import bundled_model, read_model_files
from asr.recognizer import SpeechModel
from asr.training import fst
from asr.training.fst import FstError, FstTools
from asr.training.graph import UNKNOWN, GraphOptions, language_model, write_graph
from asr.training.graph_lexicon import lexicon_transducer
from asr.training.graph_ngrams import BEGIN, END, estimate
from asr.training.language import Clip, PhoneSet, Pronunciation
from asr.training.mandarin_sounds import PHONES, phones_of
from asr.training.topology import Topology
from audio.pcm import frames

WORDS = ("可以", "的", "明天", "下午", "三", "点", "以后", "吧", "十", "四")
TEXTS = (("可以", "的"), ("可以", "的"), ("明天", "下午", "三", "点", "以后", "吧"), ("四",))


class FewWords:
    """A language of ten words."""

    code = "zh-CN"

    @property
    def phones(self) -> PhoneSet:
        return PHONES

    def lexicon(self) -> Mapping[str, tuple[Pronunciation, ...]]:
        return {word: (phones_of(word),) for word in WORDS}

    def texts(self, seed: int, count: int) -> Iterator[tuple[str, ...]]:
        random = Random(seed)
        for _ in range(count):
            yield random.choice(TEXTS)

    def speak(self, random: Random, held_out: bool = False) -> Clip:
        raise NotImplementedError

    def pronounce(self, text: str) -> tuple[Pronunciation, ...]:
        return (phones_of(text),)


@pytest.fixture(scope="module")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled network with a graph of ten words."""
    path = tmp_path_factory.mktemp("small")
    for folder in ("am", "conf"):
        shutil.copytree(bundled_model() / folder, path / folder)
    report = write_graph(FewWords(), path / "graph", options=GraphOptions(sentences=200))
    assert report.words == len(WORDS)
    assert report.megabytes < 0.1
    return path


def test_what_can_follow_a_word_adds_up_to_one() -> None:
    background = dict.fromkeys(WORDS, 1.0)
    model = estimate(dict.fromkeys(TEXTS, 2.0), background, least_count=(0.0, 0.0, 0.0))
    for history in [(BEGIN,), ("可以",), ("明天", "下午"), ("点", "以后"), ("吧", "吧")]:
        total = sum(model.probability(history, word) for word in (*WORDS, END))
        assert total == pytest.approx(1.0, abs=0.01), history


def test_what_was_said_is_likelier_than_what_was_not() -> None:
    model = language_model(FewWords(), FewWords().lexicon(), 1, GraphOptions(sentences=200))
    assert model.probability((BEGIN, "可以"), "的") > 0.5
    assert 0 < model.probability((BEGIN, "可以"), "四") < 0.05
    assert model.perplexity([("可以", "的")]) < model.perplexity([("的", "可以")])


def test_a_rare_sequence_counts_only_above_its_limit() -> None:
    background = dict.fromkeys(WORDS, 1.0)
    kept = estimate({TEXTS[2]: 2.0}, background, least_count=(0.0, 0.0, 1.0))
    dropped = estimate({TEXTS[2]: 2.0}, background, least_count=(0.0, 0.0, 2.0))
    assert ("明天", "下午", "三") in kept.probabilities
    assert ("明天", "下午", "三") not in dropped.probabilities


def test_homophones_share_their_way_through_the_tree() -> None:
    topology = Topology(PHONES)
    numbers = {"是": 1, "事": 2, UNKNOWN: 3}
    one = {"是": (("sh", "iii"),)}
    both = {**one, "事": (("sh", "iii"),)}
    small = lexicon_transducer(topology, one, numbers, (UNKNOWN, [], 0.0))
    large = lexicon_transducer(topology, both, numbers, (UNKNOWN, [], 0.0))
    assert len(list(large.arcs)) == len(list(small.arcs)) + 1


def test_every_transition_of_a_state_is_in_the_tree() -> None:
    topology = Topology(PHONES)
    tree = lexicon_transducer(topology, {"他": (("t", "a"),)}, {"他": 1, "?": 2}, ("?", [], 0.0))
    used = {arc.input for arc in tree.arcs} - {0}
    said = {
        transition
        for symbol, states in (("SIL", 1), ("t_B", 1), ("a_E", 2))
        for state in range(states)
        for transition in topology.transitions[symbol, state]
    }
    assert used == said


def test_a_later_reading_costs_more_than_the_first() -> None:
    topology = Topology(PHONES)
    readings = (("s", "a"), ("s", "o"), ("s", "e"))
    tree = lexicon_transducer(topology, {"萨": readings}, {"萨": 1, "?": 2}, ("?", [], 0.0))
    costs = [arc.cost for arc in tree.arcs if arc.output == 1]
    assert costs == sorted(costs)
    assert math.exp(costs[0] - costs[1]) == pytest.approx(math.exp(-0.5))


def test_a_missing_tool_is_named_with_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FstError, match=r"fstcompile.*libfst-tools"):
        FstTools(tmp_path)


def test_what_a_tool_refuses_is_told(tmp_path: Path) -> None:
    tools = FstTools(tmp_path)
    broken = fst.Transducer([fst.Arc(0, 0, -7, 1, 0.0)], {})
    with pytest.raises(FstError, match="failed"):
        tools.acceptor(broken, tmp_path / "missing" / "Gr.fst")


@pytest.mark.vosk
def test_vosk_hears_the_words_of_a_graph_and_takes_grammars(small_model: Path, speak) -> None:
    recognizer = SpeechModel(small_model).recognizer()
    for phrases in ((), ("明天下午四点",)):
        recognizer.begin(phrases)
        for frame in frames(speak("明天下午四点" if phrases else "明天下午三点以后吧")):
            recognizer.accept(frame)
        heard = recognizer.finish()
        assert heard.text == ("明天下午四点" if phrases else "明天下午三点以后吧")
        assert heard.words[0].ended <= heard.words[1].began + 0.01
    assert set(WORDS) <= set(read_model_files(small_model).words)


@pytest.mark.vosk
def test_a_static_graph_hears_the_same(small_model: Path, tmp_path: Path, speak) -> None:
    for folder in ("am", "conf"):
        shutil.copytree(small_model / folder, tmp_path / folder)
    options = GraphOptions(sentences=200, static=True)
    write_graph(FewWords(), tmp_path / "graph", options=options)
    assert not read_model_files(tmp_path).takes_grammars
    recognizer = vosk.KaldiRecognizer(vosk.Model(model_path=str(tmp_path)), 8000.0)
    recognizer.AcceptWaveform(speak("可以的"))
    assert json.loads(recognizer.FinalResult())["text"].replace(" ", "") == "可以的"


@pytest.mark.vosk
def test_words_kept_inside_the_graph_need_no_table(
    small_model: Path, tmp_path: Path, speak
) -> None:
    for folder in ("am", "conf"):
        shutil.copytree(small_model / folder, tmp_path / folder)
    options = GraphOptions(sentences=200, words_inside=True)
    write_graph(FewWords(), tmp_path / "graph", options=options)
    assert not (tmp_path / "graph/words.txt").exists()
    model = SpeechModel(tmp_path)
    assert model.grammar(("可以的",)).entries == ("可以 的",)
    recognizer = model.recognizer()
    recognizer.begin()
    recognizer.accept(speak("可以的"))
    assert recognizer.finish().text == "可以的"
