"""What a monitoring system reads: figures that add up, and nothing about anybody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families

from console.metrics import Metrics
from console.store_metrics import Buckets, CallbackState
from console.web.counted import Counted
from store.callbacks import promise_callback
from store.claims import claim_next, mark_dialing, settle
from store.database import Database
from store.desk_live import write_engine
from store.desk_states import TransferStep
from store.desk_transfers import step_transfer
from store.models import OutcomeRecord
from store.people_types import Role
from store.types import ContactStatus, Disposition, Outcome, TurnSpeaker
from store.values import Settlement, TurnRecord

Ask = Callable[..., httpx2.Response]
Figures = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def figures(text: str) -> Figures:
    """Every sample by its name and labels."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def read(ask: Ask) -> Figures:
    answer = ask("GET", "/metrics", Role.VIEWER)
    assert answer.status_code == 200
    return figures(answer.text)


def of(name: str, **labels: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    return name, tuple(sorted(labels.items()))


def test_metrics_are_for_keys_that_may_see_them_and_for_known_addresses(
    ask: Ask, seeded: Any
) -> None:
    assert ask("GET", "/metrics", Role.VIEWER).headers["Content-Type"].startswith("text/plain")
    assert ask("GET", "/metrics", Role.AGENT).status_code == 403
    assert ask("GET", "/metrics", None).status_code == 401
    assert ask("GET", "/metrics", None, "10.1.2.4").status_code == 401
    assert ask("GET", "/metrics", None, "10.1.2.3").status_code == 200


def test_health_is_told_to_anybody(ask: Ask) -> None:
    assert ask("GET", "/healthz", None).json() == {"status": "alive"}
    assert ask("GET", "/readyz", None).json() == {"status": "ready"}


def test_calls_are_counted_by_how_they_ended(ask: Ask, seeded: Any) -> None:
    told = read(ask)
    settled = "menling_calls_settled_total"
    assert told[of(settled, disposition="completed", outcome="address_changed")] == 1
    assert told[of(settled, disposition="busy", outcome="not_reached")] == 1
    assert told[of("menling_calls_answered_total")] == 1
    assert told[of("menling_answer_ratio")] == 0.5
    assert told[of("menling_talk_seconds_total")] == 31.5
    assert told[of("menling_voice_to_voice_seconds_bucket", le="0.4")] == 0
    assert told[of("menling_voice_to_voice_seconds_bucket", le="0.5")] == 1
    assert told[of("menling_voice_to_voice_seconds_count")] == 1
    assert told[of("menling_write_backs_pending")] == 2
    assert told[of("menling_contacts", status="waiting")] == 2
    assert told[of("menling_store_up")] == 1


def test_a_call_is_counted_once_however_often_somebody_looks(
    seeded: Any, database: Database, now: datetime
) -> None:
    metrics = Metrics(database)
    times = [now + timedelta(seconds=each) for each in (0, 30, 61, 90, 3600)]
    counts = [
        figures(metrics.text(at).decode())[of("menling_calls_answered_total")] for at in times
    ]
    assert counts == [1, 1, 1, 1, 1]
    turns = (TurnRecord(TurnSpeaker.MENLING, "您好", 1.0, 2.0, latency_seconds=0.3),)
    late = times[-1]
    end = Settlement(Disposition.COMPLETED, Outcome.CONFIRMED, late, answered=True, turns=turns)
    with database.transaction() as session:
        claimed = claim_next(session, seeded.campaign, late, claimed_by="engine-1")
        assert claimed is not None
        mark_dialing(session, claimed.attempt_id, late)
        settle(session, claimed.attempt_id, end, then=ContactStatus.DONE)
    for seconds in (0, 30, 61, 120):
        told = figures(metrics.text(late + timedelta(seconds=seconds)).decode())
        assert told[of("menling_calls_answered_total")] == 2
        assert told[of("menling_calls_confirmed_total")] == 1
        assert told[of("menling_voice_to_voice_seconds_count")] == 2


def test_nobody_waits_until_the_calls_of_years_are_added_up(
    app: FastAPI, ask: Ask, seeded: Any
) -> None:
    app.state.counted.close()
    app.state.counted = Counted(patience_seconds=0.0)
    held_up = Event()
    app.state.counted.get("what takes long", held_up.wait)
    first = read(ask)
    assert first[of("menling_store_up")] == 1
    assert first[of("menling_write_backs_pending")] == 2
    later_on = of("menling_calls_answered_total"), of("menling_contacts", status="waiting")
    assert not [each for each in later_on if each in first]
    held_up.set()
    app.state.counted.close()
    app.state.counted = Counted(patience_seconds=60.0)
    assert [read(ask)[each] for each in later_on] == [1, 2]


def test_the_desk_and_the_waits_of_customers_are_counted(
    seeded: Any, database: Database, now: datetime
) -> None:
    metrics = Metrics(database)
    told = figures(metrics.text(now).decode())
    assert told[of("menling_agents", state="break")] == 1
    assert told[of("menling_transfers", status="waiting")] == 1
    assert told[of("menling_transfer_wait_seconds_count")] == 0
    with database.transaction() as session:
        step_transfer(session, seeded.transfer, TransferStep.GIVE_UP, now + timedelta(seconds=12))
    for _ in range(2):
        told = figures(metrics.text(now + timedelta(seconds=20)).decode())
        assert told[of("menling_transfer_wait_seconds_count")] == 1
        assert told[of("menling_transfer_wait_seconds_sum")] == 12


def test_callbacks_that_are_owed_and_those_that_are_late_are_counted(
    ask: Ask, seeded: Any, database: Database, now: datetime
) -> None:
    in_time, late = of("menling_callbacks", state="owed"), of("menling_callbacks", state="late")
    metrics = Metrics(database)
    assert metrics.callbacks(now) == {CallbackState.OWED: 0, CallbackState.LATE: 0}
    with database.transaction() as session:
        promise_callback(session, seeded.unheard, now + timedelta(hours=2))
        for kept in session.scalars(sa.select(OutcomeRecord)):
            kept.needs_person = "客户要求人工"
    for minutes, owed in ((60, (1, 0)), (180, (0, 1))):
        at = now + timedelta(minutes=minutes)
        told = figures(metrics.text(at, callbacks=metrics.callbacks(at)).decode())
        assert (told[in_time], told[late]) == owed
    served = read(ask)
    assert served[in_time] + served[late] == 1


def test_an_engine_that_gives_no_sign_is_taken_for_dead(
    seeded: Any, database: Database, now: datetime
) -> None:
    metrics = Metrics(database)
    alive = figures(metrics.text(now + timedelta(seconds=5)).decode())
    assert alive[of("menling_engines")] == 1
    assert alive[of("menling_engine_slots")] == 8
    assert alive[of("menling_trunk", figure="channels")] == 30
    dead = figures(metrics.text(now + timedelta(seconds=60)).decode())
    assert dead[of("menling_engines")] == 0
    assert dead[of("menling_engine_seen_seconds")] == 60
    with database.transaction() as session:
        write_engine(
            session, "engine-2", now + timedelta(seconds=60), slots=4, in_use=0, workers=1,
            trunk={"host": "+8613800138001", "channels": "many"},
        )  # fmt: skip
    text = metrics.text(now + timedelta(seconds=61)).decode()
    assert figures(text)[of("menling_engines")] == 1
    assert "13800138001" not in text


def test_requests_are_counted_by_route_never_by_what_they_asked_for(ask: Ask, seeded: Any) -> None:
    for path in ("/api/calls/1", "/api/calls/2", "/api/calls/999", "/api/calls?waybill=SD1000000"):
        ask("GET", path)
    ask("GET", "/nothing/王小明")
    ask("PROPFIND", "/api/calls")
    told = read(ask)
    requests = "menling_http_requests_total"
    route = "/api/calls/{call_id:int}"
    assert told[of(requests, method="GET", route=route, status="200")] == 2
    assert told[of(requests, method="GET", route=route, status="404")] == 1
    assert {dict(labels).get("method") for name, labels in told if name == requests} <= {
        "GET", "other",
    }  # fmt: skip


def test_metrics_hold_nothing_personal_and_only_words_of_ours(ask: Ask, seeded: Any) -> None:
    for path in ("/api/calls/1", "/api/contacts/1", "/api/contacts?waybill=SD1000000"):
        ask("GET", path)
    text = ask("GET", "/metrics", Role.VIEWER).text
    for personal in ("王小明", "13800138001", "SD1000000", "幸福路", "小陈", "顺达", "早班"):
        assert personal not in text
    for _name, labels in figures(text):
        for label, value in labels:
            if label not in ("le", "route"):
                assert value.isascii()
                assert len(value) <= 32


def test_without_a_store_the_metrics_say_so(tmp_path: Path, now: datetime) -> None:
    lost = Database(f"sqlite:///{tmp_path / 'no-such-folder' / 'menling.db'}")
    told = figures(Metrics(lost).text(now).decode())
    assert told == {of("menling_store_up"): 0}


@pytest.mark.parametrize(("value", "place"), [(0.2, "0.2"), (0.21, "0.3"), (9.0, "+Inf")])
def test_a_value_is_counted_up_to_the_first_bound_that_holds_it(value: float, place: str) -> None:
    family = Buckets((0.2, 0.3), [0, 0, 0]).and_also([value]).family("x", "x")
    counts = {
        sample.labels["le"]: sample.value for sample in family.samples if "le" in sample.labels
    }
    bounds = list(counts)
    assert [counts[each] for each in bounds] == [
        float(bounds.index(each) >= bounds.index(place)) for each in bounds
    ]
