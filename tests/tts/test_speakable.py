from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tts import numerals, speakable
from tts.free_text import speakable as free

NUMBERS = [
    (0, "零"),
    (2, "二"),
    (10, "十"),
    (12, "十二"),
    (20, "二十"),
    (22, "二十二"),
    (99, "九十九"),
    (100, "一百"),
    (101, "一百零一"),
    (110, "一百一十"),
    (111, "一百一十一"),
    (200, "二百"),
    (1000, "一千"),
    (1001, "一千零一"),
    (1010, "一千零一十"),
    (2000, "两千"),
    (2222, "两千二百二十二"),
    (10000, "一万"),
    (10001, "一万零一"),
    (20000, "两万"),
    (100000, "十万"),
    (120000, "十二万"),
    (1000000, "一百万"),
    (100001000, "一亿零一千"),
    (-5, "负五"),
]


@pytest.mark.parametrize(("value", "spoken"), NUMBERS)
def test_numbers_are_counted_as_people_count(value: int, spoken: str) -> None:
    assert numerals.number(value) == spoken


def test_a_number_too_large_to_count_says_what_to_do() -> None:
    with pytest.raises(ValueError, match="figures"):
        numerals.number(10**16)


@pytest.mark.parametrize(
    ("days", "spoken"),
    [
        (-5, "十一月十六号"),
        (-2, "前天"),
        (-1, "昨天"),
        (0, "今天"),
        (1, "明天"),
        (2, "后天"),
        (3, "大后天"),
        (4, "下周三"),
        (8, "下周日"),
        (9, "十一月三十号"),
        (10, "十二月一号"),
        (41, "二零二七年一月一号"),
    ],
)
def test_days_are_told_from_today(now: datetime, days: int, spoken: str) -> None:
    assert speakable.day(now + timedelta(days=days), now) == spoken


def test_a_later_day_of_this_week_is_its_weekday(now: datetime) -> None:
    monday = now + timedelta(days=2)
    assert speakable.day(monday + timedelta(days=4), monday) == "周五"


def test_a_full_day_cannot_be_taken_for_another(now: datetime) -> None:
    tomorrow = now + timedelta(days=1)
    assert speakable.full_day(tomorrow, now) == "明天,十一月二十二号,周日"


@pytest.mark.parametrize(
    ("at", "spoken"),
    [
        ("00:00", "凌晨零点"),
        ("03:00", "凌晨三点"),
        ("06:30", "早上六点半"),
        ("08:00", "上午八点"),
        ("09:05", "上午九点零五分"),
        ("10:10", "上午十点十"),
        ("11:45", "上午十一点四十五"),
        ("12:00", "中午十二点"),
        ("12:30", "中午十二点半"),
        ("13:00", "下午一点"),
        ("14:00", "下午两点"),
        ("14:15", "下午两点一刻"),
        ("14:30", "下午两点半"),
        ("17:59", "下午五点五十九分"),
        ("18:00", "晚上六点"),
        ("20:00", "晚上八点"),
        ("22:00", "晚上十点"),
    ],
)
def test_hours_are_told_with_their_part_of_the_day(now: datetime, at: str, spoken: str) -> None:
    hour, minute = map(int, at.split(":"))
    assert speakable.hour(now.replace(hour=hour, minute=minute), now) == spoken


@pytest.mark.parametrize(
    ("begins", "ends", "spoken"),
    [
        ("14:00", "16:00", "明天下午两点到四点"),
        ("09:00", "11:00", "明天上午九点到十一点"),
        ("09:00", "12:00", "明天上午九点到十二点"),
        ("09:30", "11:30", "明天上午九点半到十一点半"),
        ("11:00", "13:00", "明天上午十一点到下午一点"),
        ("12:00", "14:00", "明天中午十二点到下午两点"),
        ("16:00", "19:00", "明天下午四点到晚上七点"),
        ("18:00", "20:00", "明天晚上六点到八点"),
        ("15:00", "15:00", "明天下午三点"),
        ("15:00", None, "明天下午三点以后"),
        ("00:00", None, "明天以后"),
    ],
)
def test_windows_do_not_repeat_the_part_of_the_day(
    now: datetime, begins: str, ends: str | None, spoken: str
) -> None:
    assert speakable.window(tomorrow(now, begins), tomorrow(now, ends), now) == spoken


@pytest.mark.parametrize(
    ("begins", "ends", "spoken"),
    [
        ("12:00", "18:00", "明天下午"),
        ("08:00", "12:00", "明天上午"),
        ("18:00", "22:00", "明天晚上"),
        ("14:00", "16:00", "明天下午两点到四点"),
        ("15:00", None, "明天下午三点以后"),
    ],
)
def test_a_window_that_fills_a_part_of_the_day_may_be_told_by_it(
    now: datetime, begins: str, ends: str | None, spoken: str
) -> None:
    start = tomorrow(now, begins)
    assert start is not None
    assert speakable.loose_window(start, tomorrow(now, ends), now) == spoken


def test_windows_over_midnight_name_both_days(now: datetime) -> None:
    start, end = tomorrow(now, "20:00"), now.replace(hour=0) + timedelta(days=2)
    assert speakable.window(start, end, now) == "明天晚上八点到晚上十二点"
    assert speakable.window(start, end.replace(hour=9), now) == "明天晚上八点到后天上午九点"


def test_a_whole_day_and_several_days_are_told_as_days(now: datetime) -> None:
    start = tomorrow(now, "00:00")
    assert start is not None
    assert speakable.window(start, start + timedelta(days=1), now) == "明天全天"
    assert speakable.window(start, start + timedelta(days=2), now) == "明天到后天"


def tomorrow(now: datetime, at: str | None) -> datetime | None:
    if at is None:
        return None
    hour, minute = map(int, at.split(":"))
    return now.replace(hour=hour, minute=minute) + timedelta(days=1)


@pytest.mark.parametrize(
    ("fen", "spoken"),
    [
        (0, "零元"),
        (5, "五分"),
        (50, "五毛"),
        (55, "五毛五分"),
        (200, "两元"),
        (220, "两块二"),
        (1050, "十块五"),
        (1205, "十二块零五分"),
        (1250, "十二块五"),
        (1255, "十二块五毛五"),
        (10500, "一百零五元"),
        (10550, "一百零五块五"),
        (12050, "一百二十块零五毛"),
        (200000, "两千元"),
    ],
)
def test_money_is_told_in_yuan(fen: int, spoken: str) -> None:
    assert speakable.money(fen) == spoken


def test_a_negative_amount_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        speakable.money(-1)


@pytest.mark.parametrize(
    ("code", "spoken"),
    [
        ("SF1390000001234", "幺二三四"),
        ("JD00A1", "零零 A 幺"),
        ("7-7 1", "七七幺"),
        ("YT88", "Y T 八八"),
    ],
)
def test_the_tail_of_a_waybill_is_read_figure_by_figure(code: str, spoken: str) -> None:
    assert speakable.tail(code) == spoken


def test_a_waybill_without_figures_is_refused() -> None:
    with pytest.raises(ValueError, match="read out"):
        speakable.tail("--")


def test_a_whole_waybill_has_breaths() -> None:
    assert speakable.waybill("SF123456789") == "S F,幺二三四,五六七八九"


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("13800138001", "幺三八,零零幺三,八零零幺"),
        ("+8613800138001", "幺三八,零零幺三,八零零幺"),
        ("138 0013 8001", "幺三八,零零幺三,八零零幺"),
        ("400-820-8820", "四零零,八二零,八八二零"),
        ("010-12345678", "零幺零,幺二三四,五六七八"),
        ("0571-87654321", "零五七幺,八七六五,四三二幺"),
        ("+861012345678", "零幺零,幺二三四,五六七八"),
        ("95338", "九五三三八"),
        ("+14155552671", "加幺四幺,五五五,五二六,七幺"),
    ],
)
def test_phone_numbers_are_read_in_groups(text: str, spoken: str) -> None:
    assert speakable.phone(text) == spoken


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("幸福路18号阳光花园3号楼2单元501", "幸福路十八号阳光花园三号楼二单元五零幺"),
        ("幸福路18号3号楼2单元501室", "幸福路十八号三号楼二单元五零幺室"),
        ("建国路88号12栋1203", "建国路八十八号十二栋幺二零三"),
        ("人民路128号", "人民路一百二十八号"),
        ("中山路1234号", "中山路幺二三四号"),
        ("阳光花园3-2-501", "阳光花园三杠二杠五零幺"),
        ("万达广场A座1501", "万达广场 A 座幺五零幺"),
        ("6#楼", "六号楼"),
        ("12层", "十二层"),
        ("五道口2号门", "五道口二号门"),
    ],
)
def test_addresses_count_houses_and_spell_rooms(text: str, spoken: str) -> None:
    assert speakable.address(text).replace(" ", "") == spoken.replace(" ", "")


@pytest.mark.parametrize(
    ("text", "spoken"),
    [("王小明", "王小明"), ("王*明", "王明"), ("李**", "李"), ("张三(公司)", "张三")],
)
def test_masked_names_are_said_without_guessing(text: str, spoken: str) -> None:
    assert speakable.name(text) == spoken


FREE = [
    ("按1键", "按一键"),
    ("按*键重听", "按星号键重听"),
    ("按#键结束", "按井号键结束"),
    ("2026-11-22", "二零二六年十一月二十二号"),
    ("2026/1/2", "二零二六年一月二号"),
    ("2026年11月22日", "二零二六年十一月二十二号"),
    ("11月2日", "十一月二号"),
    ("2026年", "二零二六年"),
    ("14:00-16:00", "十四点到十六点"),
    ("9:30", "九点半"),
    ("2:05", "两点零五分"),
    ("50%", "百分之五十"),
    ("99.5%", "百分之九十九点五"),
    ("\uff15\uff10\uff05", "百分之五十"),
    ("12.50元", "十二点五元"),
    ("\uffe599", "九十九元"),
    ("2.5kg", "二点五公斤"),
    ("2kg", "两公斤"),
    ("500ml", "五百毫升"),
    ("3km", "三公里"),
    ("2件", "两件"),
    ("12件", "十二件"),
    ("2小时内", "两小时内"),
    ("2~3天", "两到三天"),
    ("第2次", "第二次"),
    ("13800138001", "幺三八,零零幺三,八零零幺"),
    ("400-820-8820", "四零零,八二零,八八二零"),
    ("尾号1234", "尾号幺二三四"),
    ("编号123456", "编号幺二三四五六"),
    ("iPhone手机", "iPhone 手机"),
    ("A&B", "A 和 B"),
    ("易碎(玻璃)", "易碎,玻璃"),
    ("3.14", "三点一四"),
    ("007", "零零七"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "spoken"), FREE)
def test_free_text_is_left_without_figures_and_signs(text: str, spoken: str) -> None:
    assert free(text) == spoken


def test_text_that_is_speakable_already_stays_as_it_is() -> None:
    for spoken in (spoken for _, spoken in FREE):
        assert free(spoken) == spoken
