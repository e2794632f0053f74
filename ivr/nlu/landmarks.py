"""Addresses told by what stands beside them: 学校对面, 菜鸟驿站旁边的超市."""

from __future__ import annotations

import re

_MARK = (
    "学校|小学|中学|大学|医院|银行|超市|驿站|商场|菜场|菜市场|市场|公园|地铁站|地铁口|公交站|车站|火车站|加油站|派出所|邮局"
    "|酒店|宾馆|饭店|幼儿园|广场|大厦|小区|药店|教堂|体育馆|图书馆|电影院|区政府|镇政府|法院|工厂|村委会|居委会|物业|便利店"
    "|大桥|天桥|红绿灯|肯德基|麦当劳|星巴克|停车场"
)
_SIDE = (
    "斜对面|正对面|对面|旁边|边上|隔壁|后面|后边|后门|前面|前门|附近|楼下|楼上"
    "|[东南西北][边侧面门]|路口|拐角"
)
_LANDMARK = re.compile(
    rf"(?P<name>[一-鿿]{{0,6}}?)(?P<mark>{_MARK})的?(?P<side>{_SIDE})"
    r"(?:的?(?:那个|那家)?(?P<goal>[一-鿿]{2,6}?)(?=$|吧|啊|呢|嘛|里|就是))?"
)
_LEAD_IN = re.compile(r".*(?:送到|改到|地址是|就是|就在|在|到|是|那个|这个|呃|嗯|啊|我们|我)")


def find_landmarks(text: str) -> list[tuple[int, int, str]]:
    """Return where a place is told by its neighbour, and the words that tell it."""
    found = []
    for match in _LANDMARK.finditer(text):
        lead = _LEAD_IN.match(match["name"])
        name = match["name"][lead.end() :] if lead else match["name"]
        start = match.start("mark") - len(name)
        goal = f"的{match['goal']}" if match["goal"] else ""
        found.append((start, match.end(), f"{name}{match['mark']}{match['side']}{goal}"))
    return found
