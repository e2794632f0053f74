"""Names of people as they are told on the telephone: 我姓王, 你找李伟, my name is John Smith."""

from __future__ import annotations

import re

_SURNAMES = (
    "欧阳|上官|司马|诸葛|司徒|夏侯|皇甫|尉迟|公孙|慕容|令狐"
    "|[王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪"
    "田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文]"
)
_TITLE = "先生|女士|小姐|师傅|老师|经理|总|阿姨|大姐|大哥|同学"
_GIVEN = "[^的了吧啊呢吗嘛呀哦不是在你我他她个名都有人来说打送]"
_END = r"(?=$|啊|呀|吧|呢|吗|的|在|是|不|你|我|本人|打|哦|，)"
_CHINESE = re.compile(
    rf"(?:(?:我|免贵|本人|鄙人|我家|收件人)[^不没]?)?(?<![不没])(?:姓|叫|名字是|名字叫)"
    rf"(?P<told>(?:{_SURNAMES})(?:{_GIVEN}{{1,2}}?)??){_END}"
    rf"|(?:你|您|我|你们|帮我|请|麻烦|^)(?:要)?找(?:一下)?"
    rf"(?P<sought>(?:{_SURNAMES})(?:{_TITLE}|{_GIVEN}{{1,2}}?)){_END}"
)
_ENGLISH = re.compile(
    r"\b(?:my name is|my name's|the name is|the name's|i'm called)(?! not)"
    r" (?P<told>[a-z']{2,}(?: [a-z']{2,})?)"
    r"|\b(?:looking for|is that|speak to|ask for) (?P<sought>(?:mr|mrs|ms|miss|doctor) [a-z']{2,})"
)


def find_names(text: str, *, spaced: bool) -> list[tuple[int, int, str]]:
    """Return where somebody tells a name or asks for one, and the name."""
    pattern = _ENGLISH if spaced else _CHINESE
    return [
        (match.start(), match.end(), match["told"] or match["sought"])
        for match in pattern.finditer(text)
    ]
