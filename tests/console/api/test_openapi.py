"""The published contract is the one that the program keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from campaigns.parcel_statuses import STATUSES_FILE, parcel_statuses
from console.api.mounting import contract_text
from ivr.flow import flows

TOP = Path(__file__).resolve().parents[3]


def test_the_contract_in_the_documents_is_current() -> None:
    kept = (TOP / "docs" / "openapi.json").read_text("utf-8")
    assert kept == contract_text(), "run: python -m console.api > docs/openapi.json"


def test_every_operation_says_what_it_is_for(contract: dict[str, Any]) -> None:
    operations = [each for path in contract["paths"].values() for each in path.values()]
    assert all(each["description"] for each in operations)
    assert len({each["operationId"] for each in operations}) == len(operations)


def test_every_error_is_told_as_a_problem(contract: dict[str, Any]) -> None:
    for path in contract["paths"].values():
        for operation in path.values():
            for status, answer in operation["responses"].items():
                if status >= "400":
                    assert list(answer["content"]) == ["application/problem+json"]


def test_the_contract_names_the_statuses_that_parcels_have(contract: dict[str, Any]) -> None:
    sent = contract["components"]["schemas"]["SentEvent"]["properties"]["status"]["enum"]
    assert sent == list(parcel_statuses())


def test_statuses_end_flows_that_there_are() -> None:
    known = {name for name, _language in flows()}
    written = yaml.safe_load(STATUSES_FILE.read_text("utf-8"))
    for word, status in parcel_statuses().items():
        assert status.ends <= known, word
        assert written[word]["zh"]


def test_the_page_about_the_api_names_every_path_and_status(contract: dict[str, Any]) -> None:
    page = (TOP / "docs" / "api.md").read_text("utf-8")
    missing = [path for path in contract["paths"] if f"`{path}`" not in page]
    missing += [word for word in parcel_statuses() if f"`{word}`" not in page]
    assert missing == []
