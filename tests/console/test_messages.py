"""`menling messages`: what went out, what did not, and trying each way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from campaigns.settings import load_settings
from console.doctor_messages import messages_finding
from console.finding import Health
from console.message_tables import counts_table, what_to_do
from console.store_metrics import StoreFigures
from store.database import Database
from store.message_queries import message_counts
from store.message_types import MessageKind, MessageWhy
from store.message_values import OutgoingMessage
from store.messages import bury, claim_due, enqueue
from store.suppression import suppress
from store.types import SuppressionReason

PHONE = "+8613800138001"
NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)


@pytest.fixture
def database(at_home: Path, menling, sqlite_template: Path) -> Iterator[Database]:
    """The store of the commands."""
    data = at_home / "data"
    data.mkdir(exist_ok=True)
    (data / "menling.db").write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{data / 'menling.db'}")
    yield database
    database.close()


@pytest.fixture
def dead(database: Database) -> int:
    """A dead SMS to Anna."""
    message = OutgoingMessage(
        MessageKind.SMS, "not_reached", "sms", "1", "您好，13800138001", PHONE, phone=PHONE
    )
    with database.transaction() as session:
        enqueue(session, message, NOW)
        (claim,) = claim_due(
            session, "sms", NOW, sender="a", lease_until=NOW + timedelta(minutes=1), at_most=1
        )
        bury(session, claim, MessageWhy.UNKNOWN, "no answer about 13800138001")
    return claim.id


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """A system that takes webhooks and SMS and keeps their bodies; it is in the settings."""
    bodies: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"code": 0, "msgId": "m7"}')

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/"
    hooks = [{"name": "tms", "url": url, "secrets": ["x" * 24]}]
    monkeypatch.setenv("MENLING_WEBHOOKS", json.dumps(hooks))
    monkeypatch.setenv("MENLING_SMS__GATEWAY", "http")
    monkeypatch.setenv("MENLING_SMS__HTTP__URL", url)
    yield bodies
    server.shutdown()
    server.server_close()


def test_a_dead_message_is_listed_with_what_to_do_and_without_whose_it_is(menling, dead) -> None:
    answer = menling("messages", "list")
    assert answer.status == 0
    assert what_to_do(MessageWhy.UNKNOWN) in " ".join(answer.said.split())
    assert "13800138001" not in answer.said
    shown = menling("messages", "show", str(dead))
    assert "dead unknown" in shown.said
    assert "13800138001" not in shown.said


def test_a_dead_message_is_tried_again_once(menling, dead) -> None:
    assert "1 of 1" in menling("messages", "replay", str(dead)).said
    assert "0 of 1" in menling("messages", "replay", str(dead)).said
    assert "0 of 0" in menling("messages", "replay", "--target", "sms").said
    assert menling("messages", "replay").status == 1


def test_a_message_is_cancelled_once(menling, dead) -> None:
    assert menling("messages", "cancel", str(dead)).status == 0
    assert menling("messages", "cancel", str(dead)).status == 1
    assert "no message 99" in menling("messages", "show", "99").complained


def test_a_preview_says_how_long_an_sms_is(menling) -> None:
    said = menling("messages", "preview", "not_reached").said
    assert "回T退订" in said
    assert "of UCS2, 1 SMS" in said
    assert "of GSM7" not in said


def test_each_way_is_tried_at_once(menling, database, receiver) -> None:
    assert "Taken" in menling("messages", "test-webhook", "tms").said
    assert "Taken, number m7" in menling("messages", "test-sms", PHONE).said
    assert receiver[0]["type"] == "menling.test"
    assert receiver[1]["phone"] == "13800138001"


def test_a_way_that_is_not_configured_says_what_to_set(menling, database) -> None:
    assert "email.host" in menling("messages", "test-email", "a@b.cn").complained
    assert "sms.gateway" in menling("messages", "test-sms", PHONE).complained
    assert "no webhook wms" in menling("messages", "test-webhook", "wms").complained


def test_a_number_that_opted_out_gets_no_test_either(menling, database, receiver) -> None:
    with database.transaction() as session:
        suppress(session, PHONE, SuppressionReason.OPTED_OUT, NOW)
    assert "do-not-call" in menling("messages", "test-sms", PHONE).complained
    assert receiver == []
    assert "do-not-call" in menling("messages", "channel", PHONE).said


def test_the_way_to_somebody_is_explained(menling, database, receiver) -> None:
    assert "→ sms: first of those allowed" in menling("messages", "channel", PHONE).said
    assert "no telephone number" in menling("messages", "channel", "abc").complained


def test_a_wrong_table_starts_nothing(
    menling, database, at_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = at_home / "own.yaml"
    own.write_text("zh-CN: {events: {test: {sms: '{phone}'}}}", encoding="utf-8")
    monkeypatch.setenv("MENLING_MESSAGES__TEMPLATES_FILE", str(own))
    assert "there is no {phone}" in menling("messages", "preview", "test").complained


def test_the_figures_count_messages_and_name_nobody(dead, database: Database) -> None:
    families = {each.name: each for each in StoreFigures(database).families(NOW)}
    (sample,) = families["menling_messages"].samples
    assert (sample.labels, sample.value) == (
        {"kind": "sms", "status": "dead", "why": "unknown"}, 1,
    )  # fmt: skip


def test_a_report_says_in_words_how_messages_fare(dead, database: Database) -> None:
    with database.reading() as session:
        table = counts_table(message_counts(session))
        assert message_counts(session, campaign_id=99) == ()
    names, counts = ([*column.cells] for column in table.columns)
    assert (names, counts) == (["短信：发送失败（结果不明，需核实）"], ["1"])


def test_doctor_tells_of_what_did_not_go_out(dead, database: Database, receiver) -> None:
    finding = asyncio.run(messages_finding(load_settings()))
    assert finding.health is Health.DOUBTFUL
    assert "1 are dead" in finding.what


def test_doctor_says_when_nothing_goes_out(database: Database) -> None:
    finding = asyncio.run(messages_finding(load_settings()))
    assert finding.health is Health.WELL
    assert "nothing goes out" in finding.what
