"""Tables: spreadsheets in and out, as text; what the columns mean is none of its business."""

from __future__ import annotations

import codecs
import csv
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import PurePath
from typing import Any, NamedTuple
from xml.etree import ElementTree

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.utils.exceptions import InvalidFileException

from store.clean_text import clean
from store.types import SheetFormat

_DELIMITERS = ",;\t"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")
"""No text has these; a picture or a program does."""

_BROKEN = (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, EOFError)
"""How a workbook that is none, or a damaged one, shows itself."""

_AT_ONCE = 2**20
"""So many bytes are looked through at once."""

_UNPACKED_BYTES = 64 * 2**20
_UNPACKED_TIMES = 50
"""A larger sheet than that is so many times as large as its file at most, or made to fill us up."""

_EXACT_DIGITS = 15
"""Excel keeps no more digits of a number than these."""


IsBlanked = Callable[[int, Sequence[str]], bool]
"""Says of a row, by its number and its cells, whether it is to be emptied."""


class TableError(Exception):
    """The file is no table that can be read; the message says what to do."""


class Row(NamedTuple):
    """One row with something in it."""

    number: int
    """As a spreadsheet shows it, from 1."""
    cells: tuple[str, ...]

    def cell(self, index: int) -> str:
        """Return a cell; rows may be shorter than the header."""
        return self.cells[index] if index < len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Table:
    """A header and its rows, as text."""

    format: SheetFormat
    header: Row
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class OpenTable:
    """A table whose rows are read one after the other: a million of them never lie in memory."""

    format: SheetFormat
    header: Row
    rows: Iterator[Row]
    """Those with something in them; reading on raises TableError where the file is broken."""
    count: int
    """How many there will be; of a workbook, as it says itself."""


@dataclass(frozen=True, slots=True)
class _CsvDialect:
    encoding: str
    bom: bytes
    delimiter: str
    line_end: str


def read_table(name: str, content: bytes) -> Table:
    """Read a CSV or XLSX file. Raises TableError when it is neither, broken or empty."""
    opened = open_table(name, content)
    return Table(opened.format, opened.header, tuple(opened.rows))


def open_table(name: str, content: bytes) -> OpenTable:
    """Begin to read a CSV or XLSX file. Raises TableError when it is neither, broken or empty.

    A CSV is read through once before, so that none is found broken half way.
    """
    form = _format(name, content)
    if form is SheetFormat.XLSX:
        numbered, count = _xlsx_rows(content)
    else:
        dialect = _dialect(content)
        numbered = _csv_rows(content, dialect)
        count = sum(bool("".join(cells).strip()) for cells in _csv_records(content, dialect)) - 1
    filled = (Row(number, cells) for number, cells in numbered if any(cells))
    header = next(filled, None)
    if header is None:
        raise TableError("文件是空的。请检查导出步骤，重新导出后再导入。")
    return OpenTable(format=form, header=header, rows=filled, count=count)


def complete_table(
    name: str, content: bytes, additions: Sequence[str], values: Mapping[int, Mapping[str, str]]
) -> bytes:
    """Return a copy with further columns: `values` by row number and then by column name.

    What was there stays as it is, its order too. A column that exists already is filled in place.
    """
    if _format(name, content) is SheetFormat.XLSX:
        return _complete_xlsx(content, additions, values)
    return _complete_csv(content, additions, values)


def blank_rows(
    name: str,
    content: bytes,
    is_blanked: Callable[[int, Sequence[str]], bool],
    kept: Container[str],
) -> bytes:
    """Return a copy in which some rows are empty but for the cells that say one of `kept`.

    `is_blanked` is asked with the number and the cells of a row; on further sheets of a workbook,
    which nobody imports, with 0 for the number.
    """
    if _format(name, content) is SheetFormat.XLSX:
        return _blank_xlsx(content, is_blanked, kept)
    dialect, text = _decode(content)
    raw = csv.reader(io.StringIO(text, newline=""), delimiter=dialect.delimiter, strict=True)
    records = [
        [cell if cell.strip() in kept else "" for cell in cells]
        if is_blanked(number, tuple(map(str.strip, cells)))
        else cells
        for number, cells in enumerate(raw, start=1)
    ]
    return _csv_bytes(records, dialect)


def _format(name: str, content: bytes) -> SheetFormat:
    if not content.strip():
        raise TableError("文件是空的。请检查导出步骤，重新导出后再导入。")
    if content.startswith(b"PK\x03\x04"):
        return SheetFormat.XLSX
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise TableError("这是旧版 Excel 文件（.xls）。请在 Excel 里另存为 .xlsx 或 CSV 后再导入。")
    if PurePath(name).suffix.lower() in (".xlsx", ".xlsm"):
        raise TableError("这个 Excel 文件已损坏。请用 Excel 打开后重新另存为 .xlsx，再导入。")
    return SheetFormat.CSV


def _decode(content: bytes) -> tuple[_CsvDialect, str]:
    dialect = _dialect(content)
    start = len(dialect.bom) if content.startswith(dialect.bom) else 0
    return dialect, content[start:].decode(dialect.encoding)


def _dialect(content: bytes) -> _CsvDialect:
    for bom, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (b"", "utf-8"),
        (b"", "gb18030"),
    ):
        if not content.startswith(bom):
            continue
        try:
            return _dialect_in(content, bom, encoding)
        except UnicodeDecodeError:
            continue
    raise _not_a_table()


def _dialect_in(content: bytes, bom: bytes, encoding: str) -> _CsvDialect:
    """Read through a file, without keeping it. Raises UnicodeDecodeError for another encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    whole = memoryview(content)
    first, line_end, last = "", "\n", ""
    for start in range(len(bom), max(len(content), len(bom) + 1), _AT_ONCE):
        piece = whole[start : start + _AT_ONCE]
        text = decoder.decode(bytes(piece), start + _AT_ONCE >= len(content))
        if _CONTROL.search(text):
            raise _not_a_table()
        if not first:
            first = next((line for line in text.splitlines() if line.strip()), "")
        if "\r\n" in text or (last == "\r" and text[:1] == "\n"):
            line_end = "\r\n"
        last = text[-1:]
    return _CsvDialect(
        encoding=encoding,
        bom=codecs.BOM_UTF8 if encoding == "utf-8" else bom,
        delimiter=max(_DELIMITERS, key=first.count),
        line_end=line_end,
    )


def _not_a_table() -> TableError:
    return TableError(
        "这不是表格文件，或者编码无法识别。请另存为 .xlsx，或 UTF-8、GB18030 编码的 CSV 后再导入。"
    )


def _csv_rows(content: bytes, dialect: _CsvDialect) -> Iterator[tuple[int, tuple[str, ...]]]:
    for number, cells in enumerate(_csv_records(content, dialect), start=1):
        yield number, tuple(map(str.strip, cells))


def _csv_records(content: bytes, dialect: _CsvDialect) -> Iterator[list[str]]:
    there = io.BytesIO(content)
    if content.startswith(dialect.bom):
        there.seek(len(dialect.bom))
    text = io.TextIOWrapper(there, dialect.encoding, newline="")
    reader = csv.reader(text, delimiter=dialect.delimiter, strict=True)
    try:
        yield from reader
    except csv.Error as error:
        raise TableError(
            f"第 {reader.line_num} 行附近的引号不成对，无法继续读取。"
            "请用表格软件打开，重新另存为 CSV 后再导入。"
        ) from error


def _xlsx_rows(content: bytes) -> tuple[Iterator[tuple[int, tuple[str, ...]]], int]:
    book = _workbook(content, values_only=True, a_row_at_a_time=True)
    sheet: Any = book.worksheets[0]
    count = max(0, (sheet.max_row or 0) - 1)
    # What a workbook says of its size is not always true.
    sheet.reset_dimensions()
    return _sheet_rows(sheet), count


def _sheet_rows(sheet: Any) -> Iterator[tuple[int, tuple[str, ...]]]:
    try:
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            yield number, _trimmed(map(_as_text, cells))
    except (*_BROKEN, zlib.error, ElementTree.ParseError) as error:
        raise _broken_workbook() from error


def _workbook(content: bytes, *, values_only: bool, a_row_at_a_time: bool = False) -> Workbook:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            unpacked = sum(each.file_size for each in packed.infolist())
        if unpacked > max(_UNPACKED_BYTES, _UNPACKED_TIMES * len(content)):
            raise TableError(
                "这个 Excel 文件展开后太大，不像一份清单。请只留下清单的行和列，另存后再导入。"
            )
        book = load_workbook(io.BytesIO(content), read_only=a_row_at_a_time, data_only=values_only)
    except _BROKEN as error:
        raise _broken_workbook() from error
    if not book.worksheets:
        raise TableError("这个 Excel 文件里没有工作表。请把清单放在第一个工作表，再导入。")
    return book


def _broken_workbook() -> TableError:
    return TableError("这个 Excel 文件打不开。请用 Excel 打开后重新另存为 .xlsx，再导入。")


def _trimmed(cells: Iterable[str]) -> tuple[str, ...]:
    kept = list(cells)
    while kept and not kept[-1]:
        kept.pop()
    return tuple(kept)


def _as_text(cell: Cell) -> str:
    """Say a typed cell as a person reads it in the sheet, where the type doesn't lose anything."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return _number_as_text(value, cell.number_format)
    if isinstance(value, datetime):
        seconds = value.strftime(" %H:%M") if value.time() != time() else ""
        return f"{value:%Y-%m-%d}{seconds}"
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return str(clean(str(value))).strip()


def _number_as_text(value: float, number_format: str) -> str:
    if abs(value) >= 10**_EXACT_DIGITS:
        # Digits beyond the fifteenth are already lost; show it the way Excel does, so that
        # nobody takes it for the number that was typed.
        return f"{value:.5E}"
    if value != int(value):
        return repr(float(value))
    digits = str(int(value))
    # A format such as 00000000 shows leading zeros which the number itself doesn't hold.
    return digits.zfill(len(number_format)) if set(number_format) == {"0"} else digits


def _complete_csv(
    content: bytes, additions: Sequence[str], values: Mapping[int, Mapping[str, str]]
) -> bytes:
    dialect, text = _decode(content)
    raw = csv.reader(io.StringIO(text, newline=""), delimiter=dialect.delimiter, strict=True)
    records = [list(cells) for cells in raw]
    top = next(index for index, cells in enumerate(records) if any(map(str.strip, cells)))
    places = _places([cell.strip() for cell in records[top]], additions)
    width = max(len(records[top]), *(place + 1 for place in places.values()))
    for name, place in places.items():
        _put(records[top], place, name, width)
    for index, cells in enumerate(records):
        for name, value in values.get(index + 1, {}).items():
            _put(cells, places[name], _harmless(value), width)
    return _csv_bytes(records, dialect)


def _csv_bytes(records: Iterable[Sequence[str]], dialect: _CsvDialect) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=dialect.delimiter, lineterminator=dialect.line_end).writerows(records)
    return dialect.bom + out.getvalue().encode(dialect.encoding)


def _put(cells: list[str], place: int, value: str, width: int) -> None:
    cells.extend([""] * (width - len(cells)))
    cells[place] = value


def _harmless(value: str) -> str:
    """Keep a spreadsheet from taking what a callee said for a formula."""
    return f"'{value}" if value[:1] in ("=", "+", "@", "-") else value


def _complete_xlsx(
    content: bytes, additions: Sequence[str], values: Mapping[int, Mapping[str, str]]
) -> bytes:
    book = _workbook(content, values_only=False)
    sheet = book.worksheets[0]
    rows = list(sheet.iter_rows())
    top = next(index for index, cells in enumerate(rows, 1) if any(map(_as_text, cells)))
    header = _trimmed(_as_text(cell) for cell in rows[top - 1])
    places = _places(list(header), additions)
    for name, place in places.items():
        sheet.cell(row=top, column=place + 1).value = name
    for number, cells in values.items():
        for name, value in cells.items():
            target = sheet.cell(row=number, column=places[name] + 1)
            target.value = value
            # Text, whatever it begins with: what a callee said is never a formula.
            target.data_type = "s"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _blank_xlsx(content: bytes, is_blanked: IsBlanked, kept: Container[str]) -> bytes:
    book = _workbook(content, values_only=False)
    for sheet in book.worksheets:
        imported = sheet is book.worksheets[0]
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            texts = tuple(map(_as_text, cells))
            if not is_blanked(number if imported else 0, texts):
                continue
            for cell, text in zip(cells, texts, strict=True):
                # What is merged has its text in its first cell; the others can't be written.
                if isinstance(cell, Cell) and text not in kept:
                    cell.value = cell.comment = cell.hyperlink = None
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _places(header: list[str], additions: Sequence[str]) -> dict[str, int]:
    places: dict[str, int] = {}
    free = len(header)
    for name in additions:
        if name in header:
            places[name] = header.index(name)
        else:
            places[name] = free
            free += 1
    return places
