"""How much of a person is shown to whom."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.web.masking import (
    ASKED_OF_THEM,
    Page,
    Sight,
    masked_address,
    masked_name,
    masked_phone,
    masked_words,
    sight,
)
from ivr.flow import flows, load_flow
from store.people_types import Role


@pytest.mark.parametrize(
    ("name", "shown"),
    [("王小明", "王**"), ("欧阳娜娜", "欧**"), ("李", "李**"), ("Mary Smith", "M***"),
     ("阿卜杜·热合曼", "阿**"), ("", ""), (" 王 ", "王**")],
)  # fmt: skip
def test_a_name_keeps_its_first_letter(name, shown) -> None:
    assert masked_name(name) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [("+8613800138001", "+86138****8001"), ("+862161234567", "+86216****4567"),
     ("+12025550123", "+1202****0123"), ("+85291234567", "+852****567"), ("4008", "***"),
     ("110", "***"), ("", "")],
)  # fmt: skip
def test_a_number_keeps_what_its_owner_knows_it_by(phone, shown) -> None:
    assert masked_phone(phone) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [("上海市浦东新区幸福路88号3单元401室", "上海市浦东新区***"),
     ("浙江省杭州市西湖区文三路1号", "浙江省杭州市西湖区***"),
     ("北京市朝阳区建国路", "北京市朝阳区***"), ("江苏省昆山市人民路5号", "江苏省昆山市***"),
     ("内蒙古自治区呼和浩特市新城区", "内蒙古自治区呼和浩特市新城区***"), ("幸福路88号", "***"),
     ("幸福小区3栋", "***"),
     ("12 Elm Street, Springfield", "***, Springfield"), ("12 Elm Street, NY 10001", "***"),
     ("", "")],
)  # fmt: skip
def test_an_address_keeps_its_district(address, shown) -> None:
    assert masked_address(address) == shown


def test_words_lose_numbers_and_what_is_known_of_the_person() -> None:
    said = "我是王小明，电话138-0013-8001，住幸福路88号，下午三点来，一三八零零一三八零零一"
    shown = masked_words(said, ("王小明", "+8613800138001", "幸福路88号", ""))
    assert shown == "我是***，电话***，住***，下午三点来，***"


@pytest.mark.parametrize(
    ("address", "said", "shown"),
    [("上海市浦东新区幸福路18号3号楼502室", "幸福路十八号三号楼五零二室，对吗", "***，对吗"),
     ("上海市浦东新区幸福路18号3号楼502室", "我在幸福路18号", "我在***"),
     ("浙江省杭州市西湖区文三路1号", "不在文三路了", "不在***了"),
     ("幸福小区3栋2单元", "幸福小区门口", "***门口"),
     ("12 Elm Street, Springfield", "12 elm street, is it?", "12 ***, is it?"),
     ("北京市朝阳区建国路", "明天下午三点到五点可以", "明天下午三点到五点可以")],
)  # fmt: skip
def test_an_address_is_hidden_as_it_is_said(address, said, shown) -> None:
    assert masked_words(said, ("王小明", "+8613800138001", address)) == shown


@pytest.mark.parametrize(
    ("asked", "said", "shown"),
    [("ask_door", "五零二", "***"), ("ask_address", "文三路一号", "***"),
     ("ask_identity", "我是他爱人李梅", "***"), ("verify_phone", "不对，尾号四零九", "***"),
     ("agent", "取件码是四零九六", "取件码是***"), ("", "我在3号楼2单元502室", "我在***"),
     ("opening", "不对，改到文三路十八号", "不对，***"),
     ("opening", "已经在路上了", "已经在路上了"),
     ("ask_window", "明天下午三点到五点", "明天下午三点到五点"), ("ask_window", "", "")],
)  # fmt: skip
def test_an_answer_is_hidden_by_what_was_asked(asked, said, shown) -> None:
    assert Sight(full=False).turn(said, ours=False, asked=asked) == shown
    assert Sight(full=True).turn(said, ours=False, asked=asked) == said


def test_of_our_own_words_those_are_hidden_that_repeat_an_answer() -> None:
    masked = Sight(full=False)
    assert masked.turn("改到文三路一号，对吗？", ours=True, asked="confirm_address") == "***"
    asking = "请问您是第几单元，几零几室？"
    assert masked.turn(asking, ours=True, asked="ask_door") == asking


@pytest.mark.parametrize(
    "flow", [load_flow(*each) for each in flows()], ids=lambda flow: f"{flow.id}.{flow.language}"
)
def test_every_question_for_an_address_a_name_or_a_number_is_known(flow) -> None:
    tells = ("address", "phone", "identity", "door", "where")
    asked = {
        name
        for name, state in flow.script.states.items()
        if state.question is not None
        for each in (name, state.question.prompt)
        if any(part in each for part in tells)
    }
    # Every flow has an opening; an answer to it is hidden by how an address sounds.
    assert asked - {"opening"} <= ASKED_OF_THEM


def test_keys_that_were_pressed_are_hidden_as_digits_are_that_were_said() -> None:
    assert masked_words("[3]") == "[***]"
    assert masked_words("[1] [*] [#]") == "[***] [***] [***]"
    assert (Sight(full=False).key("3"), Sight(full=False).key("")) == ("***", "")
    assert Sight(full=True).key("3") == "3"


@given(st.from_regex(r"\+86\d{7,11}", fullmatch=True))
def test_of_a_number_at_least_four_digits_are_hidden(phone: str) -> None:
    shown = masked_phone(phone)
    assert phone not in shown
    assert sum(map(str.isdigit, phone)) - sum(map(str.isdigit, shown)) >= 3


@pytest.mark.parametrize("page", [Page.BOARD, Page.LIST])
@pytest.mark.parametrize("role", Role)
def test_in_passing_nobody_sees_all(role, page) -> None:
    assert not sight(role, page, own_call=True).full


@pytest.mark.parametrize(
    ("role", "own", "full"),
    [(Role.ADMIN, False, True), (Role.SUPERVISOR, False, True), (Role.AGENT, False, False),
     (Role.AGENT, True, True), (Role.VIEWER, True, False)],
)  # fmt: skip
def test_on_the_page_of_a_call_those_see_all_who_work_with_it(role, own, full) -> None:
    eyes = sight(role, Page.CALL, own_call=own)
    assert eyes.full is full
    seen = (
        eyes.name("王小明"), eyes.phone("+8613800138001"), eyes.address("上海市浦东新区幸福路"),
        eyes.words("我叫王小明", ("王小明",)),
    )  # fmt: skip
    whole = ("王小明", "+8613800138001", "上海市浦东新区幸福路", "我叫王小明")
    parts = ("王**", "+86138****8001", "上海市浦东新区***", "我叫***")
    assert seen == (whole if full else parts)
