"""A manifest on its way into the store, once and again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest

from campaigns.importer import ImportReport, import_manifest
from campaigns.manifest import ManifestError
from store.claims import claim_next, mark_dialing, settle
from store.database import Database
from store.queries import contact_lines, set_campaign_status
from store.suppression import suppress
from store.types import (
    CampaignStatus,
    ContactStatus,
    Disposition,
    Outcome,
    SuppressionReason,
)
from store.values import ClaimedCall, ContactLine, Settlement

ROWS_AT_ONCE = 300
HEADER = ("运单号", "收件人", "电话", "地址", "预约时段")


class Row(NamedTuple):
    waybill: str = "SD0001"
    name: str = "王小明"
    phone: str = "13800138001"
    address: str = "幸福路18号3单元501"
    window: str = "明天 14:00-16:00"


ANNA = Row()
BERT = Row("SD0002", "李秀英", "13800138002")


def sheet(*rows: Sequence[str]) -> bytes:
    return "\n".join(",".join(row) for row in (HEADER, *rows)).encode()


def take(database: Database, campaign: int, content: bytes, now: datetime) -> ImportReport:
    return import_manifest(database, campaign, "m.csv", content, now)


def lines(database: Database, campaign: int) -> tuple[ContactLine, ...]:
    with database.reading() as session:
        return contact_lines(session, campaign)


def claim(database: Database, campaign: int, now: datetime) -> ClaimedCall:
    with database.transaction() as session:
        claimed = claim_next(session, campaign, now, claimed_by="engine")
    assert claimed is not None
    return claimed


def call_once(database: Database, campaign: int, now: datetime, then: ContactStatus) -> None:
    order = claim(database, campaign, now)
    with database.transaction() as session:
        mark_dialing(session, order.attempt_id, now)
        settlement = Settlement(Disposition.BUSY, Outcome.NOT_REACHED, at=now)
        settle(session, order.attempt_id, settlement, then=then)


def test_every_good_row_becomes_a_contact_to_call(
    database: Database, campaign: int, now: datetime
) -> None:
    report = take(database, campaign, sheet(ANNA, BERT, Row("SD0003", phone="1")), now)
    assert (report.rows, report.new, len(report.problems)) == (3, 2, 1)
    waiting = lines(database, campaign)
    assert [line.waybills for line in waiting] == [("SD0001",), ("SD0002",)]
    order = claim(database, campaign, now)
    assert (order.recipient, order.phone) == ("王小明", "+8613800138001")
    assert order.useful_until == order.deliveries[0].window_end


def test_the_same_file_again_changes_nothing(
    database: Database, campaign: int, now: datetime
) -> None:
    first = take(database, campaign, sheet(ANNA, BERT), now)
    before = lines(database, campaign)
    again = take(database, campaign, sheet(ANNA, BERT), now + timedelta(days=1))
    assert again.imported_before_at == now
    assert again.manifest_id == first.manifest_id
    assert (again.new, again.updated, again.unchanged) == (0, 0, 2)
    assert lines(database, campaign) == before


def test_a_corrected_file_updates_what_was_not_called(
    database: Database, campaign: int, now: datetime
) -> None:
    take(database, campaign, sheet(ANNA, BERT), now)
    corrected = ANNA._replace(phone="13900139001", window="明天上午")
    report = take(database, campaign, sheet(corrected, BERT, Row("SD0003")), now)
    assert (report.new, report.updated, report.unchanged) == (1, 1, 1)
    order = claim(database, campaign, now)
    assert order.phone == "+8613900139001"
    assert order.deliveries[0].window_end - order.deliveries[0].window_start == timedelta(hours=3)


@pytest.mark.parametrize("then", [ContactStatus.DONE, ContactStatus.WAITING])
def test_what_was_called_is_left_alone_with_the_reason(
    database: Database, campaign: int, now: datetime, then: ContactStatus
) -> None:
    take(database, campaign, sheet(ANNA), now)
    call_once(database, campaign, now, then)
    report = take(database, campaign, sheet(ANNA._replace(phone="13900139001")), now)
    (late,) = report.left_alone
    assert (late.row, late.waybill) == (2, "SD0001")
    assert "已经拨打过" in late.why
    assert lines(database, campaign)[0].phone == "+8613800138001"


def test_a_contact_in_a_call_is_left_alone(
    database: Database, campaign: int, now: datetime
) -> None:
    take(database, campaign, sheet(ANNA), now)
    claim(database, campaign, now)
    report = take(database, campaign, sheet(ANNA._replace(name="王大明")), now)
    assert "正在通话" in report.left_alone[0].why


def test_a_suppressed_number_is_imported_and_never_called(
    database: Database, campaign: int, now: datetime
) -> None:
    with database.transaction() as session:
        suppress(session, "+8613800138001", SuppressionReason.OPTED_OUT, now)
    report = take(database, campaign, sheet(ANNA, BERT), now)
    assert (report.new, report.suppressed) == (2, 1)
    anna, bert = lines(database, campaign)
    assert anna.status is ContactStatus.CLOSED
    assert anna.latest is not None
    assert anna.latest.disposition is Disposition.SUPPRESSED
    assert bert.status is ContactStatus.WAITING


def test_a_corrected_number_opens_a_suppressed_contact_again(
    database: Database, campaign: int, now: datetime
) -> None:
    with database.transaction() as session:
        suppress(session, "+8613800138001", SuppressionReason.WRONG_NUMBER, now)
    take(database, campaign, sheet(ANNA), now)
    report = take(database, campaign, sheet(ANNA._replace(phone="13900139001")), now)
    assert (report.updated, report.suppressed) == (1, 0)
    assert claim(database, campaign, now).phone == "+8613900139001"


def test_a_file_that_cant_be_used_leaves_nothing_behind(
    database: Database, campaign: int, now: datetime
) -> None:
    with pytest.raises(ManifestError, match="缺少这些列"):
        take(database, campaign, b"a,b\n1,2\n", now)
    with pytest.raises(ManifestError, match="文件是空的"):
        take(database, campaign, b"", now)
    assert lines(database, campaign) == ()


def test_a_cancelled_campaign_takes_no_manifest(
    database: Database, campaign: int, now: datetime
) -> None:
    with database.transaction() as session:
        set_campaign_status(session, campaign, CampaignStatus.CANCELLED, now)
    with pytest.raises(ManifestError, match="请先新建"):
        take(database, campaign, sheet(ANNA), now)


def test_a_thousand_rows_with_bad_ones_among_them_are_all_accounted_for(
    database: Database, campaign: int, now: datetime
) -> None:
    rows = [
        Row(f"SD{number:06}", phone="1380" if number % 20 == 0 else f"138{number:08}")
        for number in range(1000)
    ]
    report = take(database, campaign, sheet(*rows), now)
    assert (report.rows, report.new, len(report.problems)) == (1000, 950, 50)
    assert len(lines(database, campaign)) == 950


class PowerCutError(Exception):
    """The import ends here, wherever it is."""


def many(rows: int) -> bytes:
    return sheet(
        *(
            ANNA._replace(waybill=f"SD{each:06}", phone=f"{13800138000 + each}")
            for each in range(rows)
        )
    )


def test_others_write_while_a_long_file_is_imported(
    database: Database, campaign: int, now: datetime
) -> None:
    engine = Database(database.url)
    claimed: list[ClaimedCall] = []

    def rest(seconds: float) -> None:
        assert seconds > 0
        claimed.append(claim(engine, campaign, now))

    rows = 2 * ROWS_AT_ONCE + 1
    report = import_manifest(
        database, campaign, "m.csv", many(rows), now, rest=rest, at_once=ROWS_AT_ONCE
    )
    engine.close()
    assert (report.rows, report.new) == (rows, rows)
    assert len({each.attempt_id for each in claimed}) == 2


def test_an_import_that_broke_off_goes_on_with_the_same_file(
    database: Database, campaign: int, now: datetime
) -> None:
    def breaks_off(_: float) -> None:
        raise PowerCutError

    content = many(ROWS_AT_ONCE + 3)
    with pytest.raises(PowerCutError):
        import_manifest(
            database, campaign, "m.csv", content, now, rest=breaks_off, at_once=ROWS_AT_ONCE
        )
    later = now + timedelta(days=1)
    report = take(database, campaign, content, later)
    # 明天 in the file is what it was when the import was begun, or all would have changed.
    assert (report.new, report.unchanged) == (3, ROWS_AT_ONCE)
    assert len(lines(database, campaign)) == ROWS_AT_ONCE + 3
    assert take(database, campaign, content, later).imported_before_at == now
