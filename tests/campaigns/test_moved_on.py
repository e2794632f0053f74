"""The law about parcels that were delivered, cancelled or sent elsewhere meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import resources

import pytest

from campaigns.moved_on import moved_on, still_wanted
from campaigns.parcel_statuses import parcel_statuses
from ivr.flow import flows
from store.candidates import Candidate, Never, Parcel
from store.types import Disposition, Outcome

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def parcel(waybill: str, *statuses: str) -> Parcel:
    return Parcel(waybill, "", None, None, frozenset(statuses))


def candidate(flow: str, *parcels: Parcel) -> Candidate:
    return Candidate(
        contact_id=1,
        campaign_id=1,
        flow=flow,
        phone="+8613800138001",
        language="zh-CN",
        time_zone="Asia/Shanghai",
        region="",
        product_line="",
        attempts=0,
        next_call_at=None,
        asked_for=False,
        useful_until=None,
        parcels=parcels,
        dialled_at=(),
        in_a_call=False,
        suppressed_for=frozenset(),
        has_trouble=False,
    )


@pytest.mark.parametrize(
    ("flow", "status", "is_over"),
    [
        ("pre-delivery", "collected", False),
        ("pre-delivery", "out_for_delivery", False),
        ("pre-delivery", "delivered", True),
        ("pre-delivery", "signed", True),
        ("pre-delivery", "refused", True),
        ("pre-delivery", "cancelled", True),
        ("pre-delivery", "rerouted", True),
        ("pre-delivery", "returning", True),
        ("pre-delivery", "lost", True),
        ("order-confirmation", "placed", False),
        ("order-confirmation", "collected", True),
        ("dispatch-notice", "arrived", True),
        ("survey", "delivered", False),
        ("survey", "returned", True),
        ("sign-off", "signed", False),
        ("return-pickup", "returned", False),
        ("return-pickup", "return_collected", True),
        ("return-pickup", "cancelled", True),
        ("complaint-follow-up", "lost", False),
        ("pre-delivery", "a word of tomorrow", False),
    ],
)
def test_a_status_ends_the_conversations_that_it_makes_useless(
    flow: str, status: str, is_over: bool
) -> None:
    law = moved_on(candidate(flow, parcel("SD1", status)), NOW)
    assert law == (Never(Disposition.WITHDRAWN, Outcome.WITHDRAWN) if is_over else None)


def test_a_contact_is_called_about_the_parcels_that_are_left() -> None:
    both = parcel("SD1", "delivered"), parcel("SD2", "out_for_delivery")
    assert moved_on(candidate("pre-delivery", *both), NOW) is None
    assert still_wanted("pre-delivery", both) == {"SD2"}


def test_whoever_is_called_about_no_parcel_is_called() -> None:
    assert moved_on(candidate("care"), NOW) is None


def test_every_status_has_words_in_both_languages_and_ends_conversations_that_exist() -> None:
    known = {flow for flow, _ in flows()}
    for word, status in parcel_statuses().items():
        assert status.zh
        assert status.en.isascii()
        assert status.ends <= known, word
        assert len(word) <= 32


def test_the_words_of_the_map_are_all_there() -> None:
    assert {
        "collected", "out_for_delivery", "delivered", "signed", "returned", "cancelled",
        "rerouted", "lost",
    } <= parcel_statuses().keys()  # fmt: skip
    assert resources.files("campaigns").joinpath("parcel_statuses.yaml").is_file()
