"""How often passwords are tried before nobody looks at them any more."""

from __future__ import annotations

import pytest

from console.web.signing_in import TRIES_OF_ADDRESS, TRIES_OF_BOTH, TRIES_OF_LOGIN, too_many
from store.people_values import FailedTries


@pytest.mark.parametrize(
    "most",
    [
        FailedTries(TRIES_OF_BOTH, TRIES_OF_BOTH, TRIES_OF_BOTH),
        FailedTries(0, TRIES_OF_LOGIN, 0),
        FailedTries(0, 0, TRIES_OF_ADDRESS),
    ],
)
def test_each_way_of_guessing_ends(most: FailedTries) -> None:
    before = FailedTries(
        max(most.of_both - 1, 0), max(most.of_login - 1, 0), max(most.of_address - 1, 0)
    )
    assert too_many(most)
    assert not too_many(before)
