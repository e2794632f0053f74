"""What the API says of what fails, and what it keeps to itself."""

from __future__ import annotations

import asyncio
import json
import logging

import httpx2
import pytest
from fastapi import FastAPI

from console.api.problems import PROBLEM_JSON, speak_of_problems
from console.web.request_log import LOG_NAME, RequestLog


def test_a_mistake_of_ours_is_a_problem_that_quotes_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = FastAPI()
    speak_of_problems(app)

    @app.get("/fails")
    def fails() -> None:
        raise RuntimeError("王小明 lives there")

    async def asking() -> httpx2.Response:
        transport = httpx2.ASGITransport(app=RequestLog(app, []))
        async with httpx2.AsyncClient(transport=transport, base_url="http://console") as web:
            return await web.get("/fails")

    with caplog.at_level(logging.INFO):
        answer = asyncio.run(asking())
    assert (answer.status_code, answer.headers["content-type"]) == (500, PROBLEM_JSON)
    assert "王小明" not in answer.text + caplog.text
    told = [json.loads(each.getMessage()) for each in caplog.records if each.name == LOG_NAME]
    assert [each["error"].partition(" at ")[0] for each in told] == ["RuntimeError"]
