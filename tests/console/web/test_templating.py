"""Pages are ready when the console begins to answer."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.testclient import TestClient

from console.web.words import words_in


def test_nobody_who_visits_waits_until_words_and_templates_are_loaded(app: FastAPI) -> None:
    words_in.cache_clear()
    with TestClient(app, base_url="http://localhost") as visitor:
        loaded = words_in.cache_info()
        assert loaded.currsize == 2
        assert visitor.get("/sign-in", headers={"Accept-Language": "en"}).status_code == 200
        assert visitor.get("/sign-in", headers={"Accept-Language": "zh"}).status_code == 200
    assert words_in.cache_info().misses == loaded.misses
