"""What may be wrong with a row of a manifest: the words, and what the operator does about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

_WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "empty": ("没有填写", "请补上后重新导入"),
        "waybill_unreadable": (
            "不像运单号",
            "请填 4 到 40 位的字母、数字或连字符",
        ),
        "digits_lost": (
            "被表格软件改成了科学计数法，末尾的数字已经丢失",
            "请把这一列设为“文本”格式，重新粘贴原来的号码",
        ),
        "waybill_twice": (
            "和前面某一行的运单号相同",
            "请删掉重复的一行，或者改正运单号",
        ),
        "phone_unreadable": (
            "不是电话号码",
            "请填 11 位手机号，或带区号的固定电话，分机写成“转801”",
        ),
        "phone_invalid": (
            "没有这样的电话号码，可能多了或少了数字",
            "请向寄件方核对后改正",
        ),
        "phone_several": (
            "写了不止一个号码",
            "请只留一个号码，其余写进备注",
        ),
        "window_unreadable": (
            "看不懂这个时段",
            "请写成“2026-11-22 14:00-16:00”或“明天 14:00-16:00”",
        ),
        "window_no_such_date": ("没有这一天", "请改正日期"),
        "window_end_not_after_start": (
            "结束时间不晚于开始时间",
            "请检查前后两个时间，用 24 小时制书写",
        ),
        "window_at_night": (
            "时段在凌晨",
            "下午请写成 24 小时制，比如 14:00-16:00",
        ),
        "window_past": ("这个时段已经过去", "请改成还没有过去的时段"),
        "amount_unreadable": ("不是金额", "请只填数字，单位是元，比如 128 或 128.50"),
        "amount_negative": ("金额是负数", "请填 0 或正数；没有代收货款就留空"),
        "priority_unknown": ("不是优先级", "请填 高、普通、低，或 -999 到 999 的整数，也可以留空"),
        "email_unreadable": ("不像电子邮箱", "请填一个邮箱地址，也可以留空"),
        "language_unknown": ("没有这种语言", "请填 zh-CN（普通话）或 en-US（英语），也可以留空"),
        "zone_unknown": ("没有这个时区", "请写成 Asia/Shanghai 这样的名称，也可以留空"),
        "zone_needed": (
            "这个号码所在的国家有好几个时区，不知道当地几点",
            "请在“时区”一列写上收件人的时区，比如 America/New_York",
        ),
        "too_many_cells": (
            "这一行的格子比表头多",
            "多半是内容里有分隔符却没有加引号，请检查这一行",
        ),
        "fact_needed": ("没有填写，而通话里要说到", "请补上后重新导入"),
        "fact_count": ("不是整数", "请只填数字，比如 2"),
        "fact_flag": ("不是“是”或“否”", "请填 是 或 否，也可以留空"),
        "fact_word": ("没有这个选项", "可以填哪些，请看 docs/manifest.md"),
        "fact_moment": (
            "看不懂这个时间",
            "请写成“2026-11-22 14:30”、“明天 14:30”或“14:30”",
        ),
        "fact_day": ("看不懂这一天", "请写成“2026-11-22”或“明天”"),
        "fact_window": (
            "看不懂这个时段",
            "请写成“2026-11-22 14:00-16:00”或“明天 14:00-16:00”",
        ),
        "too_long": ("内容太长", "请缩短到 200 个字以内"),
    }
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why one row stays out, in the operator's words."""

    row: int
    """As the spreadsheet shows it."""
    column: str
    """The header as it is written in this file."""
    kind: str
    value_shown: str
    """What stands there; a phone number only in part."""

    @property
    def what(self) -> str:
        """Say what is wrong."""
        return _WORDS[self.kind][0]

    @property
    def what_to_do(self) -> str:
        """Say how to put it right."""
        return _WORDS[self.kind][1]

    @property
    def text(self) -> str:
        """Say all of it, without the row."""
        shown = f"“{self.value_shown}”" if self.value_shown else ""
        return f"{self.column}{shown}：{self.what}。{self.what_to_do}。"

    def __str__(self) -> str:
        """Say all of it in one line."""
        return f"第 {self.row} 行，{self.text}"


def masked(phone: str) -> str:
    """Hide the middle of a number: enough to find it in the file, not enough to ring it."""
    if len(phone) < 7:
        return "*" * len(phone)
    return f"{phone[:3]}{'*' * (len(phone) - 5)}{phone[-2:]}"
