"""`menling tickets` as an operator meets it."""

from __future__ import annotations

import csv
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from rich.cells import cell_len

from campaigns.rehearsed import invent_campaign
from campaigns.settings import Settings
from campaigns.settings_sections import PathSettings
from console.running import open_store
from console.ticket_words import masked
from store.database import Database
from store.models import Attempt, Contact, Recipient
from store.ticket_models import Ticket
from store.wish_queries import add_wish

WAYBILL = "SD0001000001"
MINE = ("--by", "王芳")


@pytest.fixture
def today() -> str:
    """The day on which tickets are numbered."""
    return f"{datetime.now(ZoneInfo('Asia/Shanghai')):%Y%m%d}"


@pytest.fixture
def database(at_home: Path, sqlite_template: Path) -> Database:
    """A store with two recipients, one of them Mrs Ouyang."""
    (at_home / "data").mkdir()
    shutil.copy(sqlite_template, at_home / "data" / "menling.db")
    database = open_store(Settings(paths=PathSettings(data_dir=at_home / "data")))
    with database.transaction() as session:
        invent_campaign(session, datetime.now(UTC), people=2)
        session.scalars(sa.select(Recipient)).first().name = "欧阳静静"  # type: ignore[union-attr]
    return database


@pytest.fixture
def number(menling, database: Database, today: str) -> str:
    """A ticket about a broken parcel of Mrs Ouyang."""
    words = "灯罩碎了,打13800138001找我"
    answer = menling("tickets", "open", "damaged", WAYBILL, "--words", words, *MINE)
    assert answer.status == 0
    assert answer.said.startswith(f"T{today}-0001: 待受理, 理赔组\n")
    return f"T{today}-0001"


def test_a_ticket_goes_its_way_by_commands(menling, number: str) -> None:
    for command, told in (
        (("ack", number), "已受理, 理赔组"),
        (("escalate", number, "--note", "客户要找领导"), "已受理, 理赔主管"),
        (("propose", number, "refund", "--value", "299"), "已提方案"),
        (("decline", number), "客户不同意"),
        (("propose", number, "compensate", "--yuan", "50.5"), "已提方案"),
        (("agree", number), "客户同意"),
        (("resolve", number, "--why", "packaging"), "已解决"),
        (("reopen", number), "已受理, 理赔主管"),
        (("resolve", number, "--result", "给您换了灯罩", "--told"), "给您换了灯罩"),
        (("close", number), "已关闭"),
    ):
        answer = menling("tickets", *command, *MINE)
        assert (answer.status, answer.complained) == (0, "")
        assert told in answer.said
    shown = menling("tickets", "show", number).said
    for words in ("50.50 元", "包装", "给您换了灯罩"):
        assert words in shown


def test_a_resolution_says_which_calls_tell_the_customer(menling, number: str) -> None:
    menling("tickets", "ack", number)
    told = menling("tickets", "resolve", number, "--result", "给您换了灯罩").said
    assert "menling run 工单回访" in told
    assert "告知客户" not in menling("tickets", "due").said


def test_a_customer_without_a_call_is_told_by_a_person(
    menling, database: Database, today: str
) -> None:
    menling("tickets", "open", "late")
    menling("tickets", "ack", f"{today}-1")
    assert "ring them" in menling("tickets", "resolve", f"{today}1", "--result", "送到了").said
    assert "告知客户" in menling("tickets", "due").said
    assert menling("tickets", "tell", f"t{today}-1").status == 0
    assert "0 wait" in menling("tickets", "due").said


def test_one_ticket_is_shown_whole_on_80_columns_without_name_and_number(
    menling, number: str
) -> None:
    said = menling("tickets", "show", number).said
    assert max(map(cell_len, said.splitlines())) <= 80
    for words in ("货品受损", "破损", "理赔组", WAYBILL, "欧***", "幸福路1号", "灯罩碎了", "登记"):
        assert words in said
    for words in ("compensate(赔偿 最多 500 元)", "refund(退款 看货值)", "replace(换货)"):
        assert words in said
    assert "欧阳" not in said
    assert "13800138001" not in said
    assert "138****8001" in said


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("打13912345678", "打139****5678"),
        ("打+8613912345678。", "打139****5678。"),
        ("座机010-62345678转1", "座机010-****5678转1"),
        ("单号SD202611210001", "单号SD202611210001"),
        ("第12单,赔20元", "第12单,赔20元"),
    ],
)
def test_telephone_numbers_are_covered_and_waybills_are_not(text: str, shown: str) -> None:
    assert masked(text) == shown


def test_lists_are_narrowed_by_what_one_asks_for(
    menling, number: str, database: Database, today: str
) -> None:
    menling("tickets", "open", "late", WAYBILL)
    menling("tickets", "open", "inquiry")
    menling("tickets", "ack", f"{today}-3")
    menling("tickets", "resolve", f"{today}-3", "--result", "说明了", "--told")
    with database.transaction() as session:
        past = datetime.now(UTC) - timedelta(hours=1)
        session.execute(sa.update(Ticket).where(Ticket.number == number).values(respond_by=past))

    def listed(*options: str) -> list[str]:
        said = menling("tickets", "list", *options).said
        assert max(map(cell_len, said.splitlines())) <= 80
        return [line.split()[0][-1] for line in said.splitlines() if f"T{today}" in line]

    assert listed() == ["1", "2"]
    assert listed("--all") == ["1", "2", "3"]
    assert listed("--status", "resolved") == ["3"]
    assert listed("--department", "delivery") == ["2"]
    assert listed("--waybill", WAYBILL) == ["1", "2"]
    assert listed("--overdue") == ["1"]


def test_what_is_late_stands_first_and_goes_to_the_next_line(
    menling, number: str, database: Database
) -> None:
    past = datetime.now(UTC) - timedelta(hours=1)
    with database.transaction() as session:
        session.execute(sa.update(Ticket).values(respond_by=past, escalate_at=past))
    due = menling("tickets", "due").said
    assert "首次响应(超时)" in due
    assert "1 wait, 1 of them late." in due
    handed = menling("tickets", "overdue").said
    assert "理赔主管" in handed
    assert "1 went to the next line." in handed
    assert "0 went to the next line." in menling("tickets", "overdue").said


def test_the_ledger_is_a_file_for_excel_without_names_and_numbers(
    menling, number: str, at_home: Path
) -> None:
    menling("tickets", "open", "other", "--words", "=1+1")
    assert menling("tickets", "ledger", "--csv", "ledger.csv").said == "ledger.csv: 2 tickets\n"
    with (at_home / "ledger.csv").open(encoding="utf-8-sig", newline="") as file:
        first, second = csv.DictReader(file)
    assert first["工单号"] == number
    assert (first["类型"], first["问题"], first["责任部门"]) == ("货品受损", "破损", "理赔组")
    assert first["谁 Who"] == "欧***"
    assert first["客户原话"] == "灯罩碎了,打138****8001找我"
    assert first["响应时限"][:2] == "20"
    assert second["客户原话"] == "'=1+1"


def test_the_ledger_is_narrowed_by_days(menling, number: str) -> None:
    assert number in menling("tickets", "ledger").said
    assert number not in menling("tickets", "ledger", "--to", "2020-01-31").said
    wrong = menling("tickets", "ledger", "--from", "2020-02-01", "--to", "2020-01-31")
    assert (wrong.status, "turn --from and --to round" in wrong.complained) == (1, True)


def test_a_week_is_told_in_figures(menling, number: str) -> None:
    menling("tickets", "ack", number)
    menling("tickets", "propose", number, "compensate", "--yuan", "20")
    menling("tickets", "agree", number)
    menling("tickets", "resolve", number, "--why", "packaging", "--told")
    said = menling("tickets", "week").said
    lines = [" ".join(line.split()) for line in said.splitlines()]
    for told in (
        "登记 1(上周 0)", "首次响应及时 1/1(100%)", "提方案及时 1/1(100%)", "解决及时 1/1(100%)",
        "已告知客户 1/1(100%)", "赔付 20.00 元", "货品受损 1 0", "破损 1 0", "理赔组 1 0 0",
        "包装 1 0",
    ):  # fmt: skip
        assert told in lines
    assert "登记 0(上周 0)" in " ".join(
        menling("tickets", "week", "--of", "2020-01-31").said.split()
    )


def test_wishes_are_counted(menling, database: Database) -> None:
    now = datetime.now(UTC)
    with database.transaction() as session:
        contact = session.get_one(Contact, 1)
        attempt = Attempt(contact_id=1, number=1, phone=contact.phone, claimed_at=now)
        session.add(attempt)
        session.flush()
        add_wish(session, "evening", 1, attempt.id, "", now)
        add_wish(session, "new_moon", 1, attempt.id, "月亮出来再送", now)
    said = menling("tickets", "wishes").said
    assert "希望晚上送" in said
    assert "new_moon" in said
    assert "月亮出来再送" in said
    assert "希望晚上送" not in menling("tickets", "wishes", "--to", "2020-01-31").said


def test_the_matrix_is_shown_and_a_bad_one_is_explained(menling, at_home: Path) -> None:
    said = menling("tickets", "matrix").said
    assert max(map(cell_len, said.splitlines())) <= 80
    assert "Sound: 18 rows, 9 types of exception." in said
    (at_home / "mine.yaml").write_text("rows: []\n", "utf-8")
    bad = menling("tickets", "matrix", "--responsibility", "mine.yaml")
    assert bad.status == 1
    assert "mine.yaml:1: Nobody is responsible for late, early (kind timeliness)" in bad.complained


def test_a_matrix_of_ones_own_is_kept_to(
    menling, number: str, at_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = Path(__file__).parents[2] / "campaigns" / "data" / "responsibility.yaml"
    text = shipped.read_text("utf-8").replace("compensation_limit: 500", "compensation_limit: 5")
    (at_home / "mine.yaml").write_text(text, "utf-8")
    monkeypatch.setenv("MENLING_TICKETS__RESPONSIBILITY_FILE", str(at_home / "mine.yaml"))
    refused = menling("tickets", "propose", number, "compensate", "--yuan", "6")
    assert (refused.status, "at most 5.00 yuan" in refused.complained) == (1, True)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("open", "ghosts"), "There is no kind or cause ghosts; known: timeliness, late"),
        (("open", "late", "SD999"), "No parcel SD999 was ever imported"),
        (("show", "T20261122-0042"), "There is no ticket T20261122-0042"),
        (("show", "forty-two"), "write it like T20261122-0001"),
        (("agree", "20261122-42"), "There is no ticket T20261122-0042"),
    ],
)
def test_what_can_not_be_done_says_what_can(
    menling, database: Database, command: tuple[str, ...], said: str
) -> None:
    answer = menling("tickets", *command)
    assert answer.status == 1
    assert said in answer.complained


def test_a_step_that_makes_no_sense_names_those_that_do(menling, number: str) -> None:
    answer = menling("tickets", "agree", number)
    assert answer.status == 1
    assert "A ticket that is open can't agree; it can acknowledge, propose" in answer.complained
