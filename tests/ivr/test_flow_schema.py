"""The schema that editors use accepts every flow that ships, and shows slips as one types."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from ivr.flow_bounds import STAGES
from ivr.flow_schema import flow_schema
from ivr.flow_source import Item, read_source

SHIPPED = Path(str(resources.files("ivr") / "flows"))
FILES = sorted(SHIPPED.rglob("*.yaml"))
PUBLISHED = Path(__file__).parents[2] / "docs" / "flow.schema.json"


def plain(item: Item) -> Any:
    """Return an item as an editor reads it."""
    match item.value:
        case tuple() as items:
            return [plain(each) for each in items]
        case dict() as table:
            return {name: plain(each) for name, each in table.items()}
        case value:
            return value


def slips(text: str) -> list[str]:
    document = plain(read_source(text, "f.yaml"))
    return [error.message for error in Draft202012Validator(flow_schema()).iter_errors(document)]


def test_the_schema_is_one():
    Draft202012Validator.check_schema(flow_schema())


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(SHIPPED)))
def test_it_accepts_what_ships(file: Path):
    assert slips(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("text", "slip"),
    [
        ("turn_limits: 3", "turn_limits"),
        ("stage: 派送", "派送"),
        ("states: {a: {ask: {prompt: p}, on: {yess: b}}}", "yess"),
        ("states: {a: {say: p}}", "is not valid under any"),
        ("states: {a: {end: {outcome: fine}}}", "fine"),
        ("states: {a: {branch: [{if: gone, then: b}]}}", "is not valid under any"),
        ("everywhere: {keys: {a: yes}}", "does not match"),
        ("prompts: {p: {again: 好}}", "is not valid under any"),
        ("slots: {s: {kind: colour}}", "colour"),
        ("knowledge: {k: {phrases: [几点], say: p}}", "source"),
    ],
)
def test_it_shows_a_slip(text: str, slip: str):
    assert any(slip in each for each in slips(text))


def test_the_published_schema_is_the_one_the_program_prints():
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == flow_schema()


def test_every_flow_belongs_to_one_of_the_five_stages():
    stages = {
        stage
        for file in SHIPPED.glob("*.yaml")
        if (stage := yaml.safe_load(file.read_text(encoding="utf-8")).get("stage"))
    }
    assert stages <= set(STAGES)
