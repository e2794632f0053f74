"""The example manifests: one for every flow, and every row of them good."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from campaigns.fact_cells import fact_values
from campaigns.manifest import ManifestDefaults, read_manifest
from campaigns.tables import read_table
from ivr.flow import flows, load_flow
from ivr.flow_needs import needs_of

EXAMPLES = Path(__file__).parents[2] / "examples" / "manifests"
MORNING = datetime(2026, 11, 22, 8, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize("flow", sorted({flow_id for flow_id, _ in flows()}))
def test_every_flow_has_an_example_that_brings_what_it_speaks_of(flow: str) -> None:
    loaded = load_flow(flow, "zh-CN")
    table = read_table(f"{flow}.csv", (EXAMPLES / f"{flow}.csv").read_bytes())
    contents = read_manifest(table, MORNING, ManifestDefaults(), needs_of(loaded))
    assert [str(problem) for problem in contents.problems] == []
    assert len(contents.deliveries) >= 3
    brought = {name for each in contents.deliveries for name in each.facts}
    assert brought <= {*loaded.script.needs_facts, *loaded.script.may_use_facts}
    for delivery in contents.deliveries:
        assert fact_values(delivery.facts, MORNING).keys() == delivery.facts.keys()
