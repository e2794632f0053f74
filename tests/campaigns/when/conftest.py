"""What tests of calling times share: rules made as settings make them, and people to be called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import time

import pytest

from campaigns.settings_calling import CallingSettings, WhenSettings
from campaigns.when.calling import CallingRules
from campaigns.when.composing import calling_rules
from campaigns.when.pieces import between
from store.candidates import Candidate

MakeRules = Callable[..., CallingRules]
MakeCandidate = Callable[..., Candidate]


@pytest.fixture
def rules() -> MakeRules:
    """Make the rules of a campaign that calls 09:00-20:30 unless it says otherwise."""

    def make(
        when: dict[str, object] | None = None,
        calling: dict[str, object] | None = None,
        opens: time = time(9),
        closes: time = time(20, 30),
    ) -> CallingRules:
        return calling_rules(
            between(opens, closes), WhenSettings(**(when or {})), CallingSettings(**(calling or {}))
        )

    return make


@pytest.fixture
def somebody() -> MakeCandidate:
    """Make a candidate in Shanghai against whom nothing speaks."""
    usual = Candidate(
        contact_id=1,
        campaign_id=1,
        flow="pre-delivery",
        phone="+8613800138000",
        language="zh-CN",
        time_zone="Asia/Shanghai",
        region="",
        product_line="",
        attempts=0,
        next_call_at=None,
        asked_for=False,
        useful_until=None,
        parcels=(),
        dialled_at=(),
        in_a_call=False,
        suppressed_for=frozenset(),
        has_trouble=False,
    )

    def make(**changes: object) -> Candidate:
        return replace(usual, **changes)  # type: ignore[arg-type]

    return make
