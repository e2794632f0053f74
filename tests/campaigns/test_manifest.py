"""What a manifest says, and what is wrong with it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from openpyxl import Workbook

from campaigns.manifest import (
    HEADERS,
    REQUIRED,
    ManifestContents,
    ManifestDefaults,
    ManifestDelivery,
    ManifestError,
    read_manifest,
)
from campaigns.promised_window import WindowError, promised_window
from campaigns.tables import TableError, complete_table, read_table

EXAMPLES = Path(__file__).parents[2] / "examples"
CHINA = ZoneInfo("Asia/Shanghai")
HEADER = ("运单号", "收件人", "电话", "地址", "预约时段")
GOOD = ("SD0001", "王小明", "13800138001", "幸福路18号3单元501", "明天 14:00-16:00")


def csv(*rows: Sequence[str], delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    return "\r\n".join(delimiter.join(row) for row in rows).encode(encoding)


def xlsx(*rows: Sequence[object]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(content: bytes, now: datetime, name: str = "m.csv") -> ManifestContents:
    return read_manifest(read_table(name, content), now, ManifestDefaults())


def only(contents: ManifestContents) -> ManifestDelivery:
    assert [str(problem) for problem in contents.problems] == []
    (delivery,) = contents.deliveries
    return delivery


def test_a_plain_row_becomes_a_delivery(now: datetime) -> None:
    delivery = only(read(csv(HEADER, GOOD), now))
    assert delivery == ManifestDelivery(
        row=2,
        waybill="SD0001",
        name="王小明",
        phone="+8613800138001",
        extension="",
        address="幸福路18号3单元501",
        window_start=datetime(2026, 11, 22, 6, tzinfo=UTC),
        window_end=datetime(2026, 11, 22, 8, tzinfo=UTC),
        item="",
        merchant="",
        cod_fen=0,
        language="zh-CN",
        time_zone="Asia/Shanghai",
        remarks="",
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_every_usual_csv_is_read(now: datetime, encoding: str, delimiter: str) -> None:
    content = csv(HEADER, GOOD, delimiter=delimiter, encoding=encoding)
    assert only(read(content, now)).address == "幸福路18号3单元501"


def test_columns_may_stand_anywhere_among_unknown_ones(now: datetime) -> None:
    header = ("线路", "承诺时段", "手机号", "代收货款（元）", "姓名", "收件地址", "快递单号")
    row = ("A3", "明天上午", "138 0013 8001", "￥1280.50元", "王小明", "幸福路18号", "SD1234")
    delivery = only(read(csv(header, row), now))
    assert (delivery.waybill, delivery.name, delivery.cod_fen) == ("SD1234", "王小明", 128050)


def test_english_headers_are_understood_in_any_case(now: datetime) -> None:
    header = ("Tracking Number", "RECIPIENT", "phone", "Delivery_Address", "Promised window")
    assert only(read(csv(header, GOOD), now)).waybill == "SD0001"


def test_no_header_means_two_columns() -> None:
    names = [name for names in HEADERS.values() for name in names]
    assert len(names) == len(set(names))
    assert set(REQUIRED) <= set(HEADERS)


def test_cells_typed_by_excel_read_as_they_look(now: datetime) -> None:
    content = xlsx(
        (*HEADER, "代收货款"), (12345678, "王小明", 13800138001.0, "幸福路18号", GOOD[4], 12.5)
    )
    delivery = only(read(content, now, "m.xlsx"))
    assert (delivery.waybill, delivery.phone) == ("12345678", "+8613800138001")
    assert delivery.cod_fen == 1250


def test_leading_zeros_that_excel_shows_by_its_format_are_kept(now: datetime) -> None:
    book = Workbook()
    book.active.append(HEADER)
    book.active.append((1234, *GOOD[1:]))
    book.active.cell(row=2, column=1).number_format = "00000000"
    out = io.BytesIO()
    book.save(out)
    assert only(read(out.getvalue(), now, "m.xlsx")).waybill == "00001234"


@pytest.mark.parametrize("waybill", ["7.73E+14", 773012345678901234])
def test_digits_that_excel_has_lost_are_not_guessed(now: datetime, waybill: str | int) -> None:
    contents = read(xlsx(HEADER, (waybill, *GOOD[1:])), now, "m.xlsx")
    assert [problem.kind for problem in contents.problems] == ["digits_lost"]


@pytest.mark.parametrize(
    ("column", "value", "kind"),
    [
        (0, "", "empty"),
        (0, "单号一", "waybill_unreadable"),
        (1, "", "empty"),
        (2, "", "empty"),
        (2, "王小明", "phone_unreadable"),
        (2, "1380013800", "phone_invalid"),
        (2, "13800138001/13900139001", "phone_several"),
        (2, "1.38E+10", "digits_lost"),
        (3, "", "empty"),
        (3, "路" * 201, "too_long"),
        (4, "", "empty"),
        (4, "尽快", "window_unreadable"),
        (4, "2026-02-30 上午", "window_no_such_date"),
        (4, "明天 16:00-14:00", "window_end_not_after_start"),
        (4, "明天 2:00-4:00", "window_at_night"),
        (4, "11月20日 14:00-16:00", "window_past"),
        (5, "很多", "amount_unreadable"),
        (5, "12.345", "amount_unreadable"),
        (5, "NaN", "amount_unreadable"),
        (5, "-5", "amount_negative"),
        (6, "火星语", "language_unknown"),
        (7, "Mars/Base", "zone_unknown"),
        (7, "../etc/passwd", "zone_unknown"),
        (8, "多出来的", "too_many_cells"),
    ],
)
def test_a_bad_row_is_reported_and_the_good_ones_go_on(
    now: datetime, column: int, value: str, kind: str
) -> None:
    header = (*HEADER, "代收货款", "语言", "时区")
    cells = [*GOOD, "", "", ""]
    cells[column : column + 1] = [value]
    contents = read(csv(header, cells, ("SD0002", *GOOD[1:])), now)
    (problem,) = contents.problems
    assert (problem.row, problem.kind) == (2, kind)
    assert problem.what
    assert problem.what_to_do
    assert [delivery.waybill for delivery in contents.deliveries] == ["SD0002"]


def test_every_problem_of_a_row_is_told_at_once(now: datetime) -> None:
    contents = read(csv(HEADER, ("", "", "1", "", "")), now)
    assert [problem.column for problem in contents.problems] == [
        "电话", "预约时段", "运单号", "收件人", "地址",
    ]  # fmt: skip


def test_a_problem_shows_a_phone_number_only_in_part(now: datetime) -> None:
    (problem,) = read(csv(HEADER, (*GOOD[:2], "13800138", *GOOD[3:])), now).problems
    assert str(problem) == (
        "第 2 行，电话“138***38”：没有这样的电话号码，可能多了或少了数字。请向寄件方核对后改正。"
    )


def test_the_second_row_of_a_waybill_is_the_problem(now: datetime) -> None:
    contents = read(csv(HEADER, GOOD, GOOD), now)
    assert len(contents.deliveries) == 1
    (problem,) = contents.problems
    assert (problem.row, problem.value_shown) == (3, "SD0001（第 2 行）")


@pytest.mark.parametrize(
    ("written", "phone", "extension"),
    [
        ("１３８００１３８００１", "+8613800138001", ""),
        ("+86 138-0013-8001", "+8613800138001", ""),
        ("'13800138001", "+8613800138001", ""),
        ("021-62345678转801", "+862162345678", "801"),
        ("(010) 6552 9988 ext. 12", "+861065529988", "12"),
        ("+1 212 555 2368", "+12125552368", ""),
    ],
)
def test_phones_are_understood_as_people_write_them(
    now: datetime, written: str, phone: str, extension: str
) -> None:
    delivery = only(read(csv(HEADER, (*GOOD[:2], written, *GOOD[3:])), now))
    assert (delivery.phone, delivery.extension) == (phone, extension)


def test_a_number_without_country_belongs_to_the_zone_of_its_row(now: datetime) -> None:
    row = ("SD1", "Ann", "(212) 555-2368", "5th Avenue 1", "tomorrow afternoon")
    header = (*HEADER, "Time zone", "Language")
    delivery = only(read(csv(header, ("SD001", *row[1:], "America/New_York", "English")), now))
    assert (delivery.phone, delivery.language) == ("+12125552368", "en-US")
    # 04:00 UTC is still the day before in New York, so tomorrow is the 21st there.
    assert delivery.window_start == datetime(2026, 11, 21, 19, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "days", "start", "end"),
    [
        ("2026-11-22 14:00-16:00", 1, 14, 16),
        ("2026/11/22 14:00~16:00", 1, 14, 16),
        ("2026年11月22日14时-16时", 1, 14, 16),
        ("11月22日 14:00-16:00", 1, 14, 16),
        ("11月22日上午", 1, 9, 12),
        ("明天 14:00-16:00", 1, 14, 16),
        ("明天　１４：００－１６：００", 1, 14, 16),
        ("明天14:00—16:00", 1, 14, 16),
        ("明天14点到16点半", 1, 14, 16.5),
        ("明天下午2点-4点", 1, 14, 16),
        ("下午2点半至5点", 0, 14.5, 17),
        ("上午10点-1点", 0, 10, 13),
        ("中午12点-2点", 0, 12, 14),
        ("今天下午", 0, 14, 18),
        ("后天全天", 2, 9, 18),
        ("14:00-16:00", 0, 14, 16),
        ("2026-11-22 14:00 - 2026-11-22 16:00", 1, 14, 16),
        ("22:00-24:00", 0, 22, 24),
        ("tomorrow 9:00 to 11:00", 1, 9, 11),
        ("1月2日 9:00-12:00", 42, 9, 12),
    ],
)
def test_windows_are_understood_as_dispatchers_write_them(
    written: str, days: int, start: float, end: float
) -> None:
    midnight = datetime(2026, 11, 21, tzinfo=CHINA) + timedelta(days=days)
    assert promised_window(written, date(2026, 11, 21), CHINA) == (
        midnight + timedelta(hours=start),
        midnight + timedelta(hours=end),
    )


@pytest.mark.parametrize("written", ["明天", "明天 14:00", "25:00-26:00", "14:75-16:00", "周末吧"])
def test_an_unclear_window_is_not_guessed(written: str) -> None:
    with pytest.raises(WindowError, match="unreadable"):
        promised_window(written, date(2026, 11, 21), CHINA)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("m.csv", b"", "文件是空的"),
        ("m.csv", b" \r\n ,, \r\n", "文件是空的"),
        ("m.csv", csv(HEADER), "只有表头"),
        ("m.csv", csv(HEADER[1:], GOOD[1:]), "缺少这些列：运单号"),
        ("m.csv", csv((*HEADER, "单号"), (*GOOD, "1")), "“运单号”和“单号”是同一种内容"),
        ("m.csv", csv(HEADER, GOOD).decode("latin-1").encode(), "表头是乱码|无法识别"),
        ("m.csv", b"\x89PNG\r\n\x1a\n\x00\x00", "不是表格文件"),
        ("m.pdf", b"%PDF-1.7\n\xff\xff\xff\xff\x00", "不是表格文件"),
        ("m.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "旧版 Excel"),
        ("m.xlsx", b"PK\x03\x04 but nothing follows", "打不开"),
        ("m.xlsx", "运单号".encode(), "已损坏"),
        ("m.csv", csv(HEADER, ('"SD0001', *GOOD[1:])), "引号不成对"),
    ],
)
def test_a_file_that_cant_be_used_says_what_to_do(
    now: datetime, name: str, content: bytes, says: str
) -> None:
    with pytest.raises((ManifestError, TableError), match=says) as caught:
        read(content, now, name)
    assert "请" in str(caught.value)


def test_a_sheet_that_swells_when_it_is_unpacked_is_not_read() -> None:
    out = io.BytesIO(xlsx(HEADER, GOOD))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet2.xml", bytes(65 * 2**20))
    with pytest.raises(TableError, match="太大"):
        read_table("m.xlsx", out.getvalue())


def test_a_completed_csv_keeps_what_was_there() -> None:
    content = csv(("单号", "备注"), ("001", "易碎，轻放"), (), ("002",), encoding="gb18030")
    copy = complete_table("m.csv", content, ("结果",), {2: {"结果": "已确认"}})
    assert copy.decode("gb18030") == "单号,备注,结果\r\n001,易碎，轻放,已确认\r\n\r\n002\r\n"


def test_a_completed_utf8_csv_opens_in_excel() -> None:
    copy = complete_table("m.csv", csv(("单号",), ("001",)), ("结果",), {2: {"结果": "已确认"}})
    assert copy.startswith(b"\xef\xbb\xbf")


def test_what_a_callee_said_never_becomes_a_formula() -> None:
    copy = complete_table("m.csv", csv(("单号",), ("001",)), ("地址",), {2: {"地址": "=1+1"}})
    assert b"'=1+1" in copy
    book = complete_table("m.xlsx", xlsx(("单号",), ("001",)), ("地址",), {2: {"地址": "=1+1"}})
    assert read_table("m.xlsx", book).rows[0].cells == ("001", "=1+1")


def test_completing_twice_adds_no_second_column() -> None:
    once = complete_table("m.csv", csv(("单号",), ("001",)), ("结果",), {2: {"结果": "占线"}})
    twice = complete_table("m.csv", once, ("结果",), {2: {"结果": "已确认"}})
    assert read_table("m.csv", twice).rows[0].cells == ("001", "已确认")


def test_the_example_manifests_hold_the_thirty_recipients(now: datetime) -> None:
    first = read((EXAMPLES / "manifest.csv").read_bytes(), now)
    late = read((EXAMPLES / "manifest-late.xlsx").read_bytes(), now, "manifest-late.xlsx")
    assert first.problems + late.problems == ()
    phones = [delivery.phone for delivery in (*first.deliveries, *late.deliveries)]
    assert phones == [f"+8613800138{number:03}" for number in range(1, 31)]
    assert sum(delivery.cod_fen > 0 for delivery in first.deliveries) == 2
    assert first.deliveries[3].window_start == datetime(2026, 11, 22, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("phone", "zone"),
    [
        ("13800138001", "Asia/Shanghai"),
        ("+85291234567", "Asia/Hong_Kong"),
        ("+447400123456", "Europe/London"),
        ("+1 212 555 2368", "America/New_York"),
    ],
)
def test_a_number_abroad_is_called_by_the_clock_there(now: datetime, phone: str, zone: str) -> None:
    row = (*GOOD[:2], phone, *GOOD[3:])
    delivery = only(read(csv(HEADER, row), now))
    assert delivery.time_zone == zone
    # 14:00 of the promised window is two o'clock there.
    assert delivery.window_start is not None
    assert delivery.window_start.astimezone(ZoneInfo(zone)).hour == 14


def test_a_number_whose_clock_is_not_known_needs_a_time_zone(now: datetime) -> None:
    row = (*GOOD[:2], "+61412345678", *GOOD[3:])
    (problem,) = read(csv(HEADER, row), now).problems
    assert problem.kind == "zone_needed"
    told = read(csv((*HEADER, "时区"), (*row, "Australia/Sydney")), now)
    assert only(told).time_zone == "Australia/Sydney"
