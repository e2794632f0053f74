"""Calls by the API: listed, read, heard, erased."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

from store.people_types import Role

Ask = Callable[..., httpx.Response]


def test_calls_are_listed_the_newest_first_without_names(ask: Ask, seeded: Any) -> None:
    page = ask("GET", "/api/calls", Role.ADMIN).json()
    assert [each["id"] for each in page["items"]] == [seeded.unheard, seeded.call]
    assert {each["recipient"] for each in page["items"]} == {"王**", "李**"}
