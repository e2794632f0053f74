"""Completeness: has the callee answered, or is he in the middle of a sentence? Pure.

    可以的              complete     an answer to what was asked; hardly any silence needed
    我想改时间          open         an answer, but people go on: 改到明天
    改到 / 三单元五零    unfinished   more is bound to follow

A turn taken too early makes us talk into the callee's words; one taken too late makes us slow.
"""

from __future__ import annotations

import re
from datetime import datetime

from asr.hearing import Completeness
from ivr.meaning import Address, Intent, Meaning, Window
from ivr.nlu.understanding import understand
from ivr.windows import names_only_a_day

__all__ = ["Completeness", "completeness", "is_assent"]

_PUNCTUATION = re.compile(r"[^\w' -]+")

_LEADING_ON = (
    *(
        "然后",
        "还有",
        "但是",
        "可是",
        "不过",
        "因为",
        "所以",
        "如果",
        "要是",
        "或者",
        "而且",
        "除了",
    ),
    *("就是", "那就", "那个", "这个", "就是说", "比如", "只要", "只有", "的话", "地址是"),
    *(
        "我想",
        "我要",
        "想要",
        "我得",
        "我是想",
        "能不能",
        "可不可以",
        "是不是",
        "有没有",
        "麻烦",
        "帮我",
    ),
    *(
        "麻烦你",
        "麻烦您",
        "你们能",
        "您能",
        "你能",
        "最好",
        "尽量",
        "大概",
        "大约",
        "差不多",
        "可能",
        "应该",
    ),
    *(
        "还是",
        "我的快递",
        "不是我是",
        "从",
        "把",
        "跟",
        "和",
        "或",
        "往",
        "向",
        "呃",
        "额",
        "周",
        "星期",
    ),
    *(
        "礼拜",
        "下个",
        "上个",
        "送到",
        "放到",
        "放在",
        "放",
        "换到",
        "换成",
        "改到",
        "改成",
        "改在",
        "送去",
    ),
    *("改送到", "挪到", "推到", "推迟到", "寄到", "点到", "号到", "天到", "午到", "下下"),
)
"""Nobody ends a turn with these unless he is interrupted."""
_LEADING_ON_ALONE = frozenset(
    ("我", "你", "您", "他", "她", "那", "这", "要", "想", "在", "到", "给", "请", "改", "换", "先")
) | {"我们", "你们", "他们", "那我", "嗯我", "嗯那", "给我", "下周", "地址", "新地址"}
"""The same where nothing stands before them."""
_WHOLE_WITH_DE = re.compile(
    r"(?:可以|好|是|对|行|有|在|家|会|能|方便|同意|没事|问题|愿意|需要|要|知道|收到|明白|一样|不用|真|假|"
    r"干什么|干嘛|寄|发|买|送快递|打错|本人)的$"
)
"""An ending in 的 that needs no noun after it."""
_CHINESE_NUMERAL = re.compile(r"[零〇一二两三四五六七八九十百千幺0-9]$")
_WEEKDAY = re.compile(r"(?:周|星期|礼拜)[一二三四五六]$")
_WHOLE_NUMBER = re.compile(r"^[1一幺][0-9零〇一二三四五六七八九幺两]{10}$")
_CHINESE_HESITATION = re.compile(
    r"^(?:[嗯呃额啊哦唔哎诶唉不没别]|让我想想|我想想|我看看|我看一下)+$"
)
_CHINESE_ASSENT = re.compile(r"^[嗯唔哦噢啊哎唉诶对好行是的嘞呀喂]+$")

_ENGLISH_LEADING_ON = re.compile(
    r"(?:^| )(?:to|the|a|an|and|but|or|so|because|if|when|my|your|our|their|at|by|for|from|of|with|"
    r"after|before|between|until|till|around|about|than|then|i|i'm|i am|it's|that's|we|we're|"
    r"is|are|was|will|would|could|can|should|i'd|i'll|could you|can you|i'd like|let me|let's|"
    r"i want|i need|next|maybe|probably|actually)$"
)
_ENGLISH_WHOLE = re.compile(r"(?:^| )(?:yes|no|yeah|of course) (?:i|it|that|we) \w+$")
_ENGLISH_NUMERAL = re.compile(
    r"(?:^| )(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|ten|twenty|thirty|forty|fifty|"
    r"[0-9]+)$"
)
_ENGLISH_HESITATION = re.compile(r"^(?:(?:um|uh|er|erm|hmm|well|so|oh|ah|let me see)\b ?)+$")
_ENGLISH_ASSENT = re.compile(
    r"^(?:(?:mm+|mm?hm|hmm|hm|huh|uh huh|okay|ok|yes|yeah|yep|yup|right|alright|all right|sure"
    r"|hello|hi|i see|got it|gotcha|i understand|understood|good|fine|great|oh|ah|aha|uh)\b ?)+$"
)

_ANSWERS = frozenset(
    {
        Intent.WHO,
        Intent.WHICH_PARCEL,
        Intent.FROM_WHOM,
        Intent.WHEN,
        Intent.HOW_MUCH,
        Intent.IS_IT_A_SCAM,
        Intent.HOW_DID_YOU_GET_MY_NUMBER,
        Intent.REPEAT,
        Intent.SLOWER,
        Intent.LOUDER,
        Intent.CHILD,
        Intent.OTHER_LANGUAGE,
        Intent.WAIT,
        Intent.BACK,
        Intent.CALL_LATER,
        Intent.WRONG_NUMBER,
        Intent.OPT_OUT,
        Intent.PERSON,
        Intent.DONT_KNOW,
        Intent.GOODBYE,
        Intent.REFUSE,
    }
)
"""Complete at any question."""


def completeness(
    text: str,
    expecting: tuple[Intent, ...],
    now: datetime,
    language: str = "zh-CN",
    *,
    scored: bool = False,
) -> Completeness:
    """Return how complete an answer is to a question that hopes for `expecting`.

    `now` is aware, in the recipient's zone; `scored`: a score was asked for, so that a lone number
    may be all. Raises LanguageError as `understand` does.
    """
    words = _plain(text)
    chinese = language.startswith("zh")
    if not words or (_CHINESE_HESITATION if chinese else _ENGLISH_HESITATION).match(words):
        return Completeness.OPEN
    if scored and (_CHINESE_NUMERAL if chinese else _ENGLISH_NUMERAL).search(words):
        return Completeness.OPEN
    meaning = understand(words, 1.0, expecting, now, language)
    if _leads_on(words, meaning) if chinese else _leads_on_in_english(words, meaning):
        return Completeness.UNFINISHED
    return _by_meaning(meaning, expecting)


def is_assent(text: str, language: str = "zh-CN") -> bool:
    """Answer whether this is only 嗯, 对, 好, 喂: said to show that one listens."""
    assent = _CHINESE_ASSENT if language.startswith("zh") else _ENGLISH_ASSENT
    return assent.match(_plain(text)) is not None


def _plain(text: str) -> str:
    return _PUNCTUATION.sub("", text).replace("-", " ").strip().lower()


def _by_meaning(meaning: Meaning, expecting: tuple[Intent, ...]) -> Completeness:
    window, address = meaning.slots.get("window"), meaning.slots.get("address")
    if isinstance(address, Address):
        return Completeness.COMPLETE if address.complete else Completeness.UNFINISHED
    if isinstance(window, Window):
        return Completeness.OPEN if names_only_a_day(window) else Completeness.COMPLETE
    if "hand_over" in meaning.slots or meaning.intent in _ANSWERS:
        return Completeness.COMPLETE
    if meaning.intent in {Intent.YES, Intent.NO} and meaning.intent in expecting:
        return Completeness.COMPLETE
    return Completeness.OPEN


def _leads_on(words: str, meaning: Meaning) -> bool:
    if words in _LEADING_ON_ALONE or words.endswith(_LEADING_ON):
        return True
    if words.endswith("的"):
        return _WHOLE_WITH_DE.search(words) is None and meaning.intent is not Intent.FROM_WHOM
    if _CHINESE_NUMERAL.search(words) and not _WEEKDAY.search(words):
        address = meaning.slots.get("address")
        is_whole = isinstance(address, Address) and address.complete
        return not is_whole and _WHOLE_NUMBER.match(words) is None
    return False


def _leads_on_in_english(words: str, meaning: Meaning) -> bool:
    if _ENGLISH_WHOLE.search(words) or meaning.intent in _ANSWERS:
        return False
    if _ENGLISH_NUMERAL.search(words):
        return "window" not in meaning.slots
    return _ENGLISH_LEADING_ON.search(words) is not None
