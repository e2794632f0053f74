"""The API does what its published contract says, whatever is sent."""

from __future__ import annotations

import itertools
import os
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import schemathesis
from fastapi import FastAPI
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import from_schema
from schemathesis.engine.events import (
    EngineFinished,
    FatalError,
    NonFatalError,
    ScenarioFinished,
)
from starlette.types import ASGIApp, Receive, Scope, Send

from store.people_types import Role

EXAMPLES = int(os.environ.get("MENLING_CONTRACT_EXAMPLES", "1"))
"""For each operation, of those that are drawn; more by hand."""

ACCEPTED = ["2xx", "304", "401", "403", "404", "409", "412", "416", "428"]
"""Answers to a request that is as the contract says; a contract can't tell ETags and ranges."""


class FromEverywhere:
    """Lets every request come from another address: bad keys from one are refused after a while."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._addresses = (f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}" for n in itertools.count())
        self.answers: Counter[int] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def counting(message: Any) -> None:
            if message["type"] == "http.response.start":
                self.answers[message["status"]] += 1
            await send(message)

        if scope["type"] == "http":
            scope["client"] = (next(self._addresses), 40000)
        await self._app(scope, receive, counting)


def faults(
    contract: dict[str, Any], app: Any, key: str | None, *, coverage: bool = True
) -> Iterator[str]:
    """Yield what the API does otherwise than its contract says."""
    thorough = EXAMPLES > 1
    config = SchemathesisConfig.from_dict(
        {
            "seed": 7,
            "headers": {"Authorization": f"Bearer {key}"} if key else {},
            "generation": {"max-examples": EXAMPLES, "deterministic": True, "database": "none"},
            "checks": {"positive_data_acceptance": {"expected-statuses": ACCEPTED}},
            "phases": {
                "stateful": {"enabled": False},
                "coverage": {
                    "enabled": coverage,
                    "unexpected-methods": ["PUT", "TRACE"] if thorough else ["PUT"],
                },
            },
            "operations": [
                {
                    "include-path": "/campaigns/{campaign_id}/manifests",
                    "include-method": "POST",
                    "checks": {
                        # What makes a file a manifest is told in docs/manifest.md.
                        "positive_data_acceptance": {"expected-statuses": [*ACCEPTED, "422"]}
                    },
                },
                {
                    # What it takes is what the one that makes a campaign takes.
                    "include-path": "/campaigns/{campaign_id}",
                    "include-method": "PATCH",
                    "phases": {"coverage": {"enabled": coverage and thorough}},
                },
            ],
            "continue-on-failure": True,
        }
    )
    schema = schemathesis.openapi.from_dict(deepcopy(contract), config=config)
    schema.app = app
    schema.location = "http://console/api/openapi.json"
    for event in from_schema(schema).execute():
        match event:
            case ScenarioFinished(recorder=recorder):
                for case_id, checks in recorder.checks.items():
                    for check in checks:
                        if check.failure_info is not None:
                            failure = check.failure_info.failure
                            sent = recorder.cases[case_id].value
                            yield f"{failure.title}: {failure.message}\n{sent.as_curl_command()}"
            case NonFatalError(value=error) | FatalError(exception=error):
                yield f"{type(error).__name__}: {error}"
            case EngineFinished(failures=failures):
                yield from (f"{each.title}: {each.message}" for each in failures)


def test_every_answer_is_as_the_contract_says(
    app: FastAPI, contract: dict[str, Any], seeded: Any, keys: dict[Role, str]
) -> None:
    counting = FromEverywhere(app)
    found = list(faults(contract, counting, keys[Role.ADMIN]))
    assert found == [], "\n\n".join(found)
    assert {200, 201, 204, 401, 404, 405, 409, 412, 422} <= counting.answers.keys()


def test_nobody_gets_anything_without_a_key(
    app: FastAPI, contract: dict[str, Any], seeded: Any
) -> None:
    counting = FromEverywhere(app)
    found = list(faults(contract, counting, None, coverage=False))
    assert found == [], "\n\n".join(found)
    assert counting.answers.keys() == {401}
