"""A parcel that doesn't pass a node in time raises an alert, which the next node clears."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from campaigns.incoming.node_watch import watch_nodes
from campaigns.incoming.nodes import way_of
from campaigns.settings import Settings, SettingsError
from campaigns.settings_messages import WebhookSettings
from store.database import Database
from store.live_events import EventLine, event_lines
from store.message_queries import MessageFilter, message_lines
from store.nodes import AlertLine, acknowledge, alerts

Tell = Callable[..., EventLine]
Duties = Callable[..., Any]
HOUR = timedelta(hours=1)
T0 = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


def raised(database: Database, **which: Any) -> list[AlertLine]:
    with database.reading() as session:
        return list(alerts(session, **which))


def test_the_next_node_is_due_so_long_after_the_one_that_was_passed() -> None:
    way = way_of()
    assert way.next_due({}, -1, T0, "") == ("pickup", T0 + 24 * HOUR)
    place = way.place("in_transit")
    assert place == 2
    assert way.next_due({"transfer": T0}, 2, T0, "冷链") == ("delivery", T0 + 48 * HOUR)


def test_what_is_told_late_and_the_end_of_the_way_watch_nothing() -> None:
    way = way_of()
    assert way.next_due({"pickup": T0, "delivery": T0}, 0, T0, "") is None
    assert way.next_due({"sign_off": T0}, 4, T0, "") is None
    assert way.place("returned") is None


def test_product_lines_have_hours_of_their_own(tmp_path: Path) -> None:
    own = tmp_path / "nodes.yaml"
    own.write_text(
        "nodes: [{node: pickup, statuses: [collected], hours: {同城: 2}}]\nbegins: [placed]",
        encoding="utf-8",
    )
    way = way_of(own)
    assert way.next_due({}, -1, T0, "同城") == ("pickup", T0 + 2 * HOUR)
    assert way.next_due({}, -1, T0, "") is None


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("nodes: []", "a list"),
        ("nodes: [{node: a, statuses: [stolen]}]", "no status stolen"),
        ("nodes: [{node: a, hours: {'': 0}}]", "above 0"),
        ("nodes: [{node: a}, {node: a}]", "same name"),
        ("nodes: [{name: a}]", "write a table"),
    ],
)
def test_a_table_of_nodes_that_is_wrong_is_told(tmp_path: Path, written: str, says: str) -> None:
    own = tmp_path / "nodes.yaml"
    own.write_text(written, encoding="utf-8")
    with pytest.raises(SettingsError, match=says):
        way_of(own)


def test_a_late_node_raises_one_alert_which_the_next_time_stamp_clears(
    database: Database, tell: Tell, duty: Duties, now: datetime
) -> None:
    tell(now, "parcel.placed", "e1", "SD0001")
    assert watch_nodes(duty(now + 23 * HOUR)) == 0
    assert watch_nodes(duty(now + 25 * HOUR)) == 1
    assert watch_nodes(duty(now + 26 * HOUR)) == 0
    (alert,) = raised(database, owner="delivery")
    assert (alert.waybill, alert.node, alert.due_at) == ("SD0001", "pickup", now + 24 * HOUR)
    with database.transaction() as session:
        acknowledge(session, alert.id, "王", now + 26 * HOUR)
        acknowledge(session, alert.id, "李", now + 27 * HOUR)
    assert raised(database)[0].acknowledged_by == "王"
    tell(now + 28 * HOUR, "parcel.departed", "e2", "SD0001", at=now + 28 * HOUR)
    assert raised(database) == []
    assert raised(database, cleared=True)[0].cleared_at == now + 28 * HOUR


def test_a_parcel_whose_way_ended_is_watched_no_more(
    database: Database, tell: Tell, duty: Duties, now: datetime
) -> None:
    tell(now, "parcel.placed", "e1", "SD0001")
    tell(now, "parcel.cancelled", "e2", "SD0001")
    assert watch_nodes(duty(now + 99 * HOUR)) == 0


def test_a_late_node_is_told_to_other_systems_and_the_recipient_is_called(
    database: Database, tell: Tell, duty: Duties, settings: Settings, now: datetime,
    parcel: dict[str, str],
) -> None:  # fmt: skip
    hook = WebhookSettings(
        name="tms", url="http://127.0.0.1:1/", secrets=(SecretStr("0" * 24),), events=("node.*",)
    )
    under = settings.model_copy(update={"webhooks": (hook,)})
    tell(now, "order.placed", "e1", "SD0001", **{**parcel, "window": "2026-11-25 14:00-16:00"})
    tell(now, "parcel.departed", "e2", "SD0001")
    assert watch_nodes(duty(now + 49 * HOUR, under)) == 1
    with database.reading() as session:
        (message,) = message_lines(session, MessageFilter(event="node.late"))
        assert '"node":"transfer"' in message.message.body
        assert [each.told.event for each in event_lines(session, at_most=1)] == ["node.late"]
        assert event_lines(session, at_most=1)[0].told.source == "menling"
