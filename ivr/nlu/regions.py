"""Provinces, cities, districts and towns at the head of a spoken address."""

from __future__ import annotations

import re

_PROVINCES = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南"
    "|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
_CITIES = (
    "石家庄|太原|沈阳|大连|长春|哈尔滨|南京|苏州|无锡|常州|徐州|南通|扬州|杭州|宁波|温州|嘉兴|绍兴|金华|台州|合肥|芜湖|福州"
    "|厦门|泉州|南昌|赣州|济南|青岛|烟台|潍坊|临沂|郑州|洛阳|武汉|宜昌|襄阳|长沙|株洲|广州|深圳|珠海|佛山|东莞|中山|惠州"
    "|汕头|南宁|桂林|柳州|海口|三亚|成都|绵阳|贵阳|遵义|昆明|大理|拉萨|西安|咸阳|兰州|西宁|银川|乌鲁木齐|呼和浩特|唐山|保定"
)
_NAME = "[\u4e00-\u9fff]"
_REGION = re.compile(
    rf"(?:(?:{_PROVINCES})(?:省|市|自治区|壮族自治区|回族自治区|维吾尔自治区|特别行政区)?)?"
    rf"(?:(?:{_CITIES})市?|{_NAME}{{2,4}}?(?:市|自治州|地区))?"
    rf"(?:{_NAME}{{1,4}}?(?:新区|开发区|高新区|[工产]业园区|区(?!间)|县|旗|市))?"
    rf"(?:{_NAME}{{1,4}}?(?:街道|镇|乡))?"
)
_ENDS = re.compile(rf"(?:省|市|区|县|旗|州|镇|乡|街道|{_PROVINCES}|{_CITIES})$")
_BEFORE = re.compile(
    r"^[在到是去往改送寄我你他有没呃嗯啊哦哎那这]|[改换写]成|小区|社区|(?<![工产]业)园区|城区$"
)


def region_of(text: str) -> str:
    """Return the province, city, district and town a text begins with; empty without any."""
    match = _REGION.match(text)
    found = match.group() if match else ""
    if not found or not _ENDS.search(found) or _BEFORE.search(found):
        return ""
    return found
