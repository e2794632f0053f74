from __future__ import annotations

import json

from asr.grammar import GrammarBook, Vocabulary, grammar_of

WORDS = Vocabulary.of(["快递", "快递柜", "放", "可以", "可", "以", "的", "hello", "world", "<eps>"])


def test_phrases_are_cut_into_the_longest_words_of_the_model() -> None:
    assert grammar_of(("放快递柜", "可以的"), WORDS).entries == ("放 快递柜", "可以 的")


def test_unknown_words_are_reported_and_leave_a_gap() -> None:
    grammar = grammar_of(("放蜂巢快递柜", "蜂巢"), WORDS)
    assert grammar.entries == ("放 [unk] 快递柜",)
    assert grammar.dropped == ("蜂", "巢")


def test_punctuation_and_case_do_not_matter() -> None:
    assert grammar_of(("可以,的。", "Hello, World!"), WORDS).entries == ("可以 的", "hello world")


def test_the_form_for_the_engine_rejects_other_speech() -> None:
    assert json.loads(grammar_of(("可以",), WORDS).json) == ["可以", "[unk]"]


def test_no_known_phrase_means_no_grammar() -> None:
    assert grammar_of(("蜂巢",), WORDS).json == grammar_of((), WORDS).json == ""


def test_markers_of_the_model_are_no_words() -> None:
    assert "<eps>" not in WORDS
    assert "可以" in WORDS


def test_a_vocabulary_may_ask_the_engine() -> None:
    asked = Vocabulary(lambda word: word in {"快递柜", "放"})
    assert grammar_of(("放快递柜",), asked).entries == ("放 快递柜",)


def test_the_book_makes_each_grammar_once_and_forgets_the_least_used() -> None:
    book = GrammarBook(WORDS, pages=2)
    first = book.grammar(("可以",))
    book.grammar(("放",))
    assert book.grammar(("可以",)) is first
    book.grammar(("的",))
    assert book.grammar(("可以",)) is first
    assert book.grammar(("放",)).entries == ("放",)
