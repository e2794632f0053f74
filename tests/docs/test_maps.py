"""The maps in the documents are those of the conversations as they run."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.flow_map_files import PAGE, drawings, page
from console.flow_map_svg import digest_of, drawn_from
from console.known_flows import known_flows
from ivr.flow_model import Flow

MAPS = Path(__file__).resolve().parents[2] / "docs" / "maps"
MEND = "a conversation or the way it is drawn was changed: run scripts/maps"


@pytest.fixture(scope="module")
def flows() -> tuple[Flow, ...]:
    """Every conversation, in the order of the map."""
    return known_flows()


def test_every_map_is_drawn_from_the_conversations_as_they_are(flows: tuple[Flow, ...]) -> None:
    drawn = {each.name: drawn_from(each.read_text("utf-8")) for each in MAPS.glob("*.svg")}
    assert drawn == {name: digest_of(text) for name, text in drawings(flows)}, MEND


def test_the_page_of_the_maps_shows_every_one_of_them(flows: tuple[Flow, ...]) -> None:
    written = (MAPS / PAGE).read_text("utf-8")
    assert written == page(flows), MEND
    assert [each.name for each in MAPS.glob("*.svg") if f"]({each.name})" not in written] == []
