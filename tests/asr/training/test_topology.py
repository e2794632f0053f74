from __future__ import annotations

import pytest

from asr.training.language import PhoneSet
from asr.training.topology import Topology, bare, in_word

TINY = Topology(PhoneSet({"SIL": 1, "b": 1, "a": 2}))


def test_silence_is_phone_one_and_has_no_position() -> None:
    assert TINY.symbols[:3] == ("<eps>", "SIL", "b_B")
    assert len(TINY.symbols) == 2 + 2 * 4


def test_every_state_has_a_transition_that_stays_and_one_onwards() -> None:
    assert TINY.transitions["SIL", 0] == (1, 2)
    assert TINY.transitions["b_B", 0] == (3, 4)
    assert len(TINY.transitions) == 1 + 4 * 1 + 4 * 2


def test_positions_of_a_phone_share_the_outputs_of_the_network() -> None:
    outputs = {(bare(TINY.symbols[phone]), state): pdf for phone, state, pdf in TINY.triples}
    assert outputs == {("SIL", 0): 0, ("b", 0): 1, ("a", 0): 2, ("a", 1): 3}


def test_triples_are_sorted_as_kaldi_reads_them() -> None:
    assert list(TINY.triples) == sorted(TINY.triples)


@pytest.mark.parametrize(
    ("phones", "positioned"),
    [
        (("a",), ("a_S",)),
        (("b", "a"), ("b_B", "a_E")),
        (("b", "a", "b"), ("b_B", "a_I", "b_E")),
    ],
)
def test_a_phone_knows_its_place_in_the_word(
    phones: tuple[str, ...], positioned: tuple[str, ...]
) -> None:
    assert in_word(phones) == positioned


def test_word_boundaries_read_as_vosk_wants_them() -> None:
    lines = TINY.word_boundary().splitlines()
    assert lines[:3] == ["1 nonword", "2 begin", "3 internal"]
    assert TINY.phones_text().splitlines()[0] == "<eps> 0"
