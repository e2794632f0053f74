"""How Mandarin sounds: initials and finals, what a Hanzi text reads as, and how accents bend it.

Tones are left out: the network does not tell them apart, the language model does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

from pypinyin import Style, lazy_pinyin

from asr.training.language import SILENCE, PhoneSet, Pronunciation


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


INITIALS = _words("b p m f d t n l g k h j q x zh ch sh r z c s y w")
FINALS = _words(
    "a o e ai ei ao ou an en ang eng er ong i ii iii ia ie iao iou ian in iang ing iong "
    "u ua uo uai uei uan uen uang v ve van vn"
)
"""`ii` as in si, `iii` as in shi."""

PHONES = PhoneSet({SILENCE: 1, **dict.fromkeys(INITIALS, 1), **dict.fromkeys(FINALS, 2)})

_GLIDES = {
    **{"yi": "i", "ya": "ia", "ye": "ie", "yao": "iao", "you": "iou", "yan": "ian", "yai": "ai"},
    **{"yin": "in", "yang": "iang", "ying": "ing", "yong": "iong", "yo": "o"},
    **{"yu": "v", "yue": "ve", "yuan": "van", "yun": "vn"},
    **{"wu": "u", "wa": "ua", "wo": "uo", "wai": "uai", "wei": "uei", "wan": "uan"},
    **{"wen": "uen", "wang": "uang", "weng": "eng"},
}
_WHOLE = {"n": "en", "ng": "en", "m": "en", "hm": "en", "hng": "en", "ê": "ei"}
_SHORT = {"iu": "iou", "ui": "uei", "un": "uen", "ue": "ve"}
_FRONT = {"u": "v", "uan": "van", "uen": "vn"}
_SYLLABLE = re.compile(r"(zh|ch|sh|[bpmfdtnlgkhjqxrzcs])(.+)")

_READINGS = {
    **{"嗯": "en1", "幺": "yao1", "呃": "e4", "嘞": "lei5", "喂": "wei4", "欸": "ei1"},
    **{"哦": "o4", "噢": "o1", "喔": "o1", "还没": "hai2 mei2", "还不": "hai2 bu4"},
    **{"行了": "xing2 le5", "都行": "dou1 xing2", "都好": "dou1 hao3", "地址": "di4 zhi3"},
    **{"退还": "tui4 huan2", "得了": "de2 le5", "重复": "chong2 fu4", "大夫": "dai4 fu5"},
    **{"拨打": "bo1 da3", "号楼": "hao4 lou2", "我得": "wo3 dei3", "还得": "hai2 dei3"},
    **{"单元": "dan1 yuan2", "派单": "pai4 dan1", "调休": "tiao2 xiu1", "转寄": "zhuan3 ji4"},
}
"""Where pypinyin reads a word as these calls never mean it."""

_LONGEST = max(map(len, _READINGS))

_HETERONYMS = {
    **{"还": "hai huan", "行": "xing hang", "了": "le liao", "地": "di de", "得": "de dei"},
    **{"都": "dou du", "长": "chang zhang", "着": "zhe zhao", "重": "zhong chong"},
    **{"觉": "jue jiao", "乐": "le yue", "什": "shen shi", "那": "na nei", "这": "zhe zhei"},
    **{"哪": "na nei", "谁": "shui shei", "便": "bian pian", "没": "mei", "会": "hui kuai"},
    **{"调": "diao tiao", "差": "cha chai", "的": "de di", "传": "chuan zhuan", "给": "gei"},
}
"""Characters by themselves: how these calls read them, the usual way first."""

_ACCENTS: tuple[dict[str, str], ...] = (
    {"zh": "z", "ch": "c", "sh": "s", "iii": "ii"},
    {"n": "l"},
    {"ing": "in", "eng": "en"},
)
"""What the south, the south-west and the lower Yangtze make of the standard."""


def syllable(pinyin: str) -> Pronunciation:
    """Return the phones of a pinyin syllable, with or without tone; raises ValueError."""
    plain = re.sub(r"[0-9]", "", pinyin).replace("ü", "v")
    if plain in _WHOLE:
        return (_WHOLE[plain],)
    if plain in _GLIDES:
        return plain[0], _GLIDES[plain]
    if plain in FINALS and plain not in ("i", "u", "v"):
        return (plain,)
    match = _SYLLABLE.fullmatch(plain)
    if match is None:
        raise ValueError(f"{pinyin!r} is no syllable of Mandarin")
    initial, final = match.groups()
    if final == "i":
        final = "iii" if initial in ("zh", "ch", "sh", "r") else final
        final = "ii" if initial in ("z", "c", "s") else final
    final = _SHORT.get(final, final)
    if initial in ("j", "q", "x"):
        final = _FRONT.get(final, final)
    if initial in "bpmf" and final == "uo":
        final = "o"
    if final not in FINALS:
        raise ValueError(f"{pinyin!r} is no syllable of Mandarin")
    return initial, final


def pinyin(text: str) -> tuple[str, ...]:
    """Return one numbered syllable per Hanzi; raises ValueError for anything that is no Hanzi."""
    syllables: list[str] = []
    plain = ""
    at = 0
    while at < len(text):
        known = next(
            (w for n in range(_LONGEST, 0, -1) if (w := text[at : at + n]) in _READINGS), ""
        )
        if known:
            syllables += [*_read(plain), *_READINGS[known].split()]
            plain = ""
        else:
            plain += text[at]
        at += max(1, len(known))
    return (*syllables, *_read(plain))


def _read(text: str) -> list[str]:
    if not text:
        return []
    read = lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True, errors="ignore")
    if len(read) != len(text):
        raise ValueError(f"{text!r} has something that can't be read; write Hanzi only")
    return [s.replace("ü", "v") for s in read]


def phones_of(text: str) -> Pronunciation:
    """Return the phones of a Hanzi text as it is read; raises ValueError when it can't be."""
    return tuple(phone for s in pinyin(text) for phone in syllable(s))


def standard(word: str) -> tuple[Pronunciation, ...]:
    """Return how the standard language reads a word, the usual way first."""
    if word in _HETERONYMS:
        return tuple(syllable(s) for s in _HETERONYMS[word].split())
    return (phones_of(word),)


def accented(pronunciation: Pronunciation) -> Iterator[Pronunciation]:
    """Yield how accents say it: zh as z, n as l, ing as in, each alone and together."""
    said = {pronunciation}
    for chosen in sorted(product((False, True), repeat=len(_ACCENTS)), key=sum):
        bent = pronunciation
        for change in (accent for accent, on in zip(_ACCENTS, chosen, strict=True) if on):
            bent = tuple(change.get(phone, phone) for phone in bent)
        if bent not in said:
            said.add(bent)
            yield bent
