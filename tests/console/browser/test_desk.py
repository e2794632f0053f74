"""The agent's desk in a real browser: what its buttons, keys and signs do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from store.desk_types import AgentState, DeviceKind, OrderKind

pytestmark = pytest.mark.slow

Sees = Callable[[Page, str], Locator]


@pytest.fixture
def page(at_desk: Callable[[], Page]) -> Iterator[Page]:
    """The desk, as it is opened."""
    opened = at_desk()
    expect.set_options(timeout=120_000)
    yield opened
    opened.close()


@pytest.fixture
def talking(page: Page, desk: Any, sees: Sees) -> Page:
    """The desk of an agent who talks by the browser."""
    desk.sign_in(DeviceKind.BROWSER)
    desk.offer()
    sees(page, "[data-panel=offered]")
    page.keyboard.press("a")
    sees(page, "[data-panel=talking]")
    page.wait_for_function("MenlingDesk.sound()?.connected")
    return page


def test_an_agent_signs_in_with_a_telephone_whose_address_is_needed(
    page: Page, desk: Any, sees: Sees
) -> None:
    page.get_by_label("SIP 话机或软电话").check()
    page.get_by_role("button", name="签入并就绪").click()
    expect(page.locator("#desk-news")).to_contain_text("请填写话机地址")
    page.get_by_label("SIP 地址或分机号").fill("6001@127.0.0.1")
    page.get_by_role("button", name="签入并就绪").click()
    expect(sees(page, "[data-panel=ready]")).to_contain_text("6001")
    assert desk.state() is AgentState.READY


def test_a_call_that_an_agent_declines_goes_on_to_the_next(
    page: Page, desk: Any, sees: Sees
) -> None:
    desk.sign_in(DeviceKind.SIP)
    desk.offer()
    sees(page, "[data-panel=offered]")
    expect(page).to_have_title("☎ 坐席台 · 门铃")
    page.keyboard.press("d")
    sees(page, "[data-panel=ready]")
    expect(page).to_have_title("(1) 坐席台 · 门铃")
    expect(page.locator("#desk-news")).to_be_hidden()
    assert desk.asked == [OrderKind.DECLINE]


def test_an_agent_is_told_why_an_offer_is_gone_and_why_there_is_a_break(
    page: Page, desk: Any, sees: Sees
) -> None:
    desk.sign_in(DeviceKind.SIP)
    transfer = desk.offer()
    sees(page, "[data-panel=offered]")
    desk.time_out(transfer)
    sees(page, "[data-panel=ready]")
    expect(page.locator("[data-desk] .notice")).to_contain_text("您没有接听")
    desk.offer_again(transfer)
    sees(page, "[data-panel=offered]")
    desk.time_out(transfer)
    sees(page, "[data-panel=break]")
    expect(page.locator("[data-desk] .notice")).to_contain_text("连续两次没有接听")


def test_an_agent_mutes_and_hangs_up_by_the_keyboard(talking: Page, desk: Any, sees: Sees) -> None:
    sent = "connections[0].getSenders()[0].track.enabled"
    talking.keyboard.press("m")
    expect(talking.locator("[data-mute]")).to_have_attribute("aria-pressed", "true")
    expect(talking.locator("[data-muted]")).to_be_visible()
    assert talking.evaluate(sent) is False
    talking.keyboard.press("m")
    expect(talking.locator("[data-muted]")).to_be_hidden()
    assert talking.evaluate(sent) is True
    talking.on("dialog", lambda question: question.accept())
    talking.keyboard.press("h")
    sees(talking, "[data-panel=wrap_up] #outcome")
    expect(talking.locator(".sound")).to_have_count(0)
    assert talking.evaluate("MenlingDesk.sound()") is None
    assert desk.asked == [OrderKind.ACCEPT, OrderKind.LEAVE]


def test_an_agent_gives_up_a_third_who_still_rings(talking: Page, desk: Any, sees: Sees) -> None:
    talking.locator("summary", has_text="转接给别人").click()
    talking.get_by_label("转到哪个 SIP 地址").fill("sip:6002@pbx")
    talking.locator("#pass-on").get_by_role("button", name="转接给别人").click()
    cancel = sees(talking, "[data-hotkey=c]")
    expect(talking.locator("[data-desk]")).to_contain_text("正在呼叫 sip:6002@pbx")
    found = Axe().run(talking).response["violations"]
    assert [each["help"] for each in found if each["impact"] in ("serious", "critical")] == []
    cancel.click()
    sees(talking, "[data-hotkey=h]")
    assert desk.asked == [OrderKind.ACCEPT, OrderKind.TRANSFER_OUT, OrderKind.CANCEL]


def test_a_second_click_is_no_second_order(page: Page, desk: Any, sees: Sees) -> None:
    desk.sign_in(DeviceKind.SIP)
    desk.offer()
    accept = sees(page, "[data-hotkey=a]")
    desk.rests.set()
    accept.dblclick()
    expect(accept).to_be_disabled()
    page.keyboard.press("d")
    desk.rests.clear()
    sees(page, "[data-panel=talking]")
    assert desk.asked == [OrderKind.ACCEPT]


def test_a_console_that_is_away_is_told_until_it_is_back(page: Page, desk: Any, sees: Sees) -> None:
    desk.sign_in(DeviceKind.SIP)
    sees(page, "[data-panel=ready]")
    page.route("**/desk/**", lambda asked: asked.abort())
    expect(page.locator("#desk-news")).to_contain_text("连不上控制台")
    page.get_by_role("button", name="小休").click()
    expect(page.locator("main")).to_have_attribute("aria-busy", "false")
    expect(page.locator("#desk-news")).to_contain_text("连不上控制台")
    page.unroute("**/desk/**")
    expect(page.locator("#desk-news")).to_be_hidden()
    assert desk.state() is AgentState.READY


def test_a_microphone_that_gives_no_sound_or_is_pulled_out_is_told(
    talking: Page, sees: Sees
) -> None:
    sees(talking, "[data-unheard]")
    talking.evaluate("window.microphoneHz = 440")
    talking.evaluate("connections[0].getSenders()[0].track.dispatchEvent(new Event('ended'))")
    expect(talking.locator("[data-unheard]")).to_be_hidden()
    talking.wait_for_function("document.querySelector('[data-level=microphone]').value > 0.1")


def test_the_newest_words_stay_in_sight_unless_somebody_reads_back(
    page: Page, desk: Any, sees: Sees
) -> None:
    words = [f"第 {number} 句" for number in range(60)]
    desk.says(*words)
    desk.sign_in(DeviceKind.SIP)
    desk.offer()
    sees(page, "[data-panel=offered]")
    expect(page.get_by_text("第 59 句")).to_be_in_viewport()
    page.locator(".turns").evaluate("list => { list.scrollTop = 0; }")
    desk.says(*words, "又说了一句")
    expect(page.get_by_text("又说了一句")).to_be_attached()
    expect(page.get_by_text("第 0 句")).to_be_in_viewport()


def test_an_agent_who_looks_something_up_stays_at_the_desk_and_is_called_back(
    page: Page, desk: Any, sees: Sees
) -> None:
    desk.sign_in(DeviceKind.SIP)
    sees(page, "[data-panel=ready]")
    page.goto("/flow-map")
    before = desk.seen_at()
    expect(page.locator("#desk-watch")).to_be_hidden()
    desk.offer()
    expect(page.locator("#desk-watch")).to_contain_text("客户要转人工")
    expect(page).to_have_title("☎ 流程图 · 门铃")
    assert desk.seen_at() > before
    page.get_by_role("link", name="去坐席台接听").click()
    sees(page, "[data-panel=offered]")
