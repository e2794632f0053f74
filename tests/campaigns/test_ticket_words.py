"""The checker of flows knows the very words of the exception taxonomy."""

from __future__ import annotations

from importlib import resources

import yaml

from ivr.flow_slot_check import TICKETS


def test_flows_may_order_every_type_and_cause_of_the_taxonomy_and_nothing_else() -> None:
    text = (resources.files("campaigns") / "data" / "taxonomy.yaml").read_text("utf-8")
    kinds = yaml.safe_load(text)["kinds"]
    causes = {cause for kind in kinds.values() for cause in kind["causes"]}
    assert {*kinds, *causes} == {*TICKETS}
