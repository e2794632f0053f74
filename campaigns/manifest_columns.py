"""The columns of a manifest: what each may be headed, and where they stand in a file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from campaigns.tables import Row
from ivr.facts import facts_known
from ivr.flow_needs import ONLY_A_WINDOW, FlowNeeds


class Column(StrEnum):
    """What Menling reads of a manifest."""

    WAYBILL = "waybill"
    NAME = "name"
    PHONE = "phone"
    ADDRESS = "address"
    WINDOW = "window"
    ITEM = "item"
    MERCHANT = "merchant"
    COD = "cod"
    LANGUAGE = "language"
    TIME_ZONE = "time_zone"
    REMARKS = "remarks"
    REGION = "region"
    PRODUCT_LINE = "product_line"
    PRIORITY = "priority"
    EMAIL = "email"


REQUIRED = (Column.WAYBILL, Column.NAME, Column.PHONE, Column.ADDRESS, Column.WINDOW)
"""Of a flow that speaks of the promised window; other flows do without that one."""

HEADERS: Mapping[Column, tuple[str, ...]] = MappingProxyType(
    {
        Column.WAYBILL: (
            "运单号", "单号", "快递单号", "运单编号", "面单号",
            "waybill", "waybill no", "waybill number", "tracking number", "tracking no", "awb",
        ),
        Column.NAME: (
            "收件人", "姓名", "收件人姓名", "收货人", "客户姓名",
            "name", "recipient", "recipient name", "consignee",
        ),
        Column.PHONE: (
            "电话", "手机号", "手机", "联系电话", "收件人电话", "收件电话", "手机号码", "电话号码",
            "phone", "phone number", "mobile", "telephone", "tel",
        ),
        Column.ADDRESS: (
            "地址", "收件地址", "收货地址", "详细地址", "派送地址",
            "address", "delivery address",
        ),
        Column.WINDOW: (
            "预约时段", "派送时段", "承诺时段", "时段", "预约时间", "派送时间",
            "promised window", "window", "delivery window", "time window", "time slot",
        ),
        Column.ITEM: ("物品", "品名", "物品名称", "商品", "item", "goods", "contents"),
        Column.MERCHANT: (
            "商家", "寄件方", "寄件人", "店铺", "merchant", "sender", "shipper", "shop",
        ),
        Column.COD: (
            "代收货款", "到付金额", "代收金额", "货到付款", "cod", "cod amount", "cash on delivery",
        ),
        Column.LANGUAGE: ("语言", "语种", "language"),
        Column.TIME_ZONE: ("时区", "time zone", "timezone"),
        Column.REMARKS: ("备注", "说明", "remarks", "remark", "notes", "comment"),
        Column.REGION: ("区域", "大区", "地区", "片区", "region", "area", "district"),
        Column.PRODUCT_LINE: (
            "产品线", "业务类型", "产品类型", "业务线", "product line", "product", "service type",
        ),
        Column.PRIORITY: ("优先级", "紧急程度", "priority", "urgency"),
        Column.EMAIL: (
            "邮箱", "电子邮箱", "电子邮件", "收件人邮箱", "邮箱地址", "email", "email address",
        ),
    }
)  # fmt: skip
"""How each column may be headed; the first name of a language is the one documents use."""

_FIRST_COUNTS = frozenset({Column.REGION, Column.PRODUCT_LINE, Column.PRIORITY, Column.EMAIL})
"""Dispatch systems have several of these; the first one is meant."""


class ManifestError(Exception):
    """The file as a whole can't be imported; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where the columns of a manifest stand."""

    columns: Mapping[Column, int]
    facts: Mapping[str, int]
    """By the name of the fact."""


def places_of(header: Row, needs: FlowNeeds = ONLY_A_WINDOW) -> Places:
    """Find where each column stands; its order is free, unknown ones are left alone.

    Raises ManifestError when a required column is missing or one is there twice.
    """
    known: dict[str, Column | str] = {
        _plain(title): name
        for name, spec in facts_known().items()
        for title in (name, *spec.titles.values())
    }
    known |= {_plain(name): column for column, names in HEADERS.items() for name in names}
    places: dict[Column | str, int] = {}
    for index, title in enumerate(header.cells):
        column = known.get(_plain(title))
        if column is None:
            continue
        if column in places and column in _FIRST_COUNTS:
            continue
        if column in places:
            raise ManifestError(
                f"“{header.cells[places[column]]}”和“{title}”是同一种内容，不知道该用哪一列。"
                "请删掉一列或改掉它的表头。"
            )
        places[column] = index
    missing = [HEADERS[column][0] for column in required_of(needs) if column not in places]
    missing += [_title_of(name) for name in needs.facts if name not in places]
    if missing:
        raise ManifestError(
            f"缺少这些列：{'、'.join(missing)}。现有的表头是：{'、'.join(header.cells)[:200]}。"
            "请补上缺少的列；如果表头是乱码，请另存为 UTF-8 编码的 CSV 或 .xlsx 后再导入。"
        )
    return Places(
        {column: place for column, place in places.items() if isinstance(column, Column)},
        {name: place for name, place in places.items() if not isinstance(name, Column)},
    )


def required_of(needs: FlowNeeds) -> tuple[Column, ...]:
    """Return the columns that a manifest for such a flow must have."""
    return tuple(each for each in REQUIRED if needs.window or each is not Column.WINDOW)


def _title_of(fact: str) -> str:
    return facts_known()[fact].titles["zh-CN"]


def header_language(header: Row) -> Literal["zh", "en"]:
    """Return `zh` or `en`: the language in which most of the columns are headed."""
    chinese = sum(any("\u4e00" <= char <= "\u9fff" for char in title) for title in header.cells)
    return "zh" if chinese * 2 >= len(header.cells) else "en"


def _plain(title: str) -> str:
    text = unicodedata.normalize("NFKC", title).casefold()
    text = re.sub(r"[(\[【].*?[)\]】]", "", text)
    return re.sub(r"[\s_.:*-]+", "", text)
