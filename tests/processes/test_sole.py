from __future__ import annotations

import pytest

from processes.sole import EngineTakenError, claim


def test_a_second_user_of_an_engine_is_refused_and_told_who_has_it() -> None:
    claim("an organ", "the choir")
    with pytest.raises(EngineTakenError, match=r"the choir has started it; run the band in a"):
        claim("an organ", "the band")


def test_a_user_may_start_its_engine_again() -> None:
    claim("a piano", "the choir")
    claim("a piano", "the choir")


def test_each_engine_has_a_user_of_its_own() -> None:
    claim("a flute", "the choir")
    claim("a drum", "the band")
