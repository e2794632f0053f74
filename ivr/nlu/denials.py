"""Whether something that was named was denied: 没有破, 退款就不用了, not really damaged."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ivr.nlu.language import language_of
from ivr.nlu.patterns import Tokens, tokens_of
from ivr.nlu.reading import clean
from ivr.nlu.spotting import Spot

_PAUSE = re.compile(r"[,，、。.;；:：!！?？…—]+")
_BETWEEN = 4
"""Words that may stand between a denial and what it denies."""
_DOUBT_REACHES = 6
"""Words between 不知道 and what is not known."""
CORRECTIONS, HARMLESS, DOUBTS = "corrections", "harmless", "doubts"
"""Kinds of the phrases in `Denials.marks`."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


@dataclass(frozen=True, slots=True)
class Denials:
    """How a language says that something is not so."""

    denying: frozenset[str]
    passed_over: frozenset[str]
    """Words that may stand between a denial and what it denies."""
    afterwards: re.Pattern[str]
    """Behind a thing it denies it: 退款就不用了."""
    takes_back: frozenset[Tokens]
    """Between two things it puts the second in the place of the first."""
    affirms: frozenset[str]
    """Before the first of two things they say that the first is right: 是破了不是湿了."""
    marks: Mapping[str, tuple[str, ...]]
    """Phrases by kind: words before what was meant, words that only look like a denial, and words
    of somebody who doesn't know."""


_CHINESE = Denials(
    denying=frozenset("不没未别无甭莫"),
    passed_over=frozenset(
        "是有要想用让给被弄搞会能再去太很大怎么什啥任何的过见看发现到说算觉得需必打准备可以也都我是这"
        "那个一点儿半全完真曾经人选"
    ),
    afterwards=re.compile(
        "^[就也都我倒可那的了还这是应该可能]{0,3}"
        "(?:不[要用行必想]|不需要|不可能|不会|不至于|没有$|没有的事|倒没有|算了|免了)"
    ),
    takes_back=frozenset(map(tuple, ("不是", "不", "不对", "不是是"))),
    affirms=frozenset("是要选"),
    marks={
        CORRECTIONS: (
            "=(哎|哦|噢|呃|啊|唉|诶|欸|嗯|等等|等一下|算了)不(对|是|行)[了|啊]",
            "=不(对|对不对)[应该|是|啊]",
            "=(说|讲|搞|弄|记|看|报)错[了][应该是|是]",
            "=(我是说|我的意思是|应该是|准确说|或者说|而是|要不还是|算了还是|还是算了|改成|换成|口误)",
            "=(不是不是|不不不|不不)",
            "=不是是",
            "=(错了|算了|还是)",
        ),
        HARMLESS: (
            "=不(但|仅|光|止|只|单)[是|仅]",
            "=(不过|不好意思|没关系|没事|没错|差不多|要不|不如|不然|不管|不久|不得不|对不起)",
            "=(是不是|有没有|能不能|可不可以|是否|好不好|行不行|要不要)",
        ),
        DOUBTS: (
            "=(不知道|不晓得|不清楚|不确定|说不准|没注意|没看清|没细看|忘了|记不清)",
            "=(还|都|也)没(看|拆|打开|检查|数|试)",
        ),
    },
)
_ENGLISH = Denials(
    denying=_words(
        "not no never without isn't wasn't aren't weren't don't didn't doesn't won't hasn't "
        "haven't can't cannot nothing none nor"
    ),
    passed_over=_words(
        "a an the any been be being is was it's its it that this really very at all got get want "
        "need to have had has say said like quite too so i were"
    ),
    afterwards=re.compile(
        "^(?:is|was|are|it|that|i|thing|at all| )*(?:isn't|wasn't|is not|was not|no thanks|"
        r"not (?:really|needed|necessary)|no thank you|never mind)\b"
    ),
    takes_back=frozenset({("no",), ("no", "no"), ("no", "it's"), ("no", "it", "was"), ("sorry",)}),
    affirms=_words("it's is was want"),
    marks={
        CORRECTIONS: (
            "no (wait|sorry|actually|rather|i mean)",
            "(sorry|i mean|actually|rather|i meant|or rather|make that|scratch that)",
            "wait [no|it's]",
        ),
        HARMLESS: ("not only", "no (problem|doubt)", "why not", "(is|was|isn't|wasn't) it not"),
        DOUBTS: (
            "(don't|do not|didn't|can't) (know|remember|notice|say|tell)",
            "not (sure|certain)",
            "(haven't|have not) (looked|checked|opened|tried|seen)",
        ),
    },
)


def denials_of(language: str) -> Denials:
    """Return how a language denies."""
    return _CHINESE if language.startswith("zh") else _ENGLISH


@dataclass(frozen=True, slots=True)
class Said:
    """An utterance as units, and what was found in it."""

    tokens: Tokens
    pauses: frozenset[int]
    """Before which units whoever wrote the text put a comma; a recogniser writes none."""
    spots: tuple[Spot, ...] = ()

    def text(self, start: int, end: int) -> str:
        """Return the units from `start` to before `end` as they are written."""
        glue = " " if self.tokens and self.tokens[0].isascii() else ""
        return glue.join(self.tokens[start:end])


def taken_apart(text: str, language: str) -> Said:
    """Return the units of a text, and where it pauses.

    Raises LanguageError when the language has no phrase file.
    """
    words = language_of(language)
    tokens: list[str] = []
    pauses: set[int] = set()
    for clause in _PAUSE.split(text):
        said = tokens_of(clean(clause, words))
        if said:
            pauses.add(len(tokens))
            tokens += said
    return Said(tuple(tokens), frozenset(pauses))


def replaces(earlier: Spot, later: Spot, said: Said, denials: Denials) -> bool:
    """Answer whether what stands between two things puts the second in the first one's place."""
    if any(
        mark.kind == CORRECTIONS and earlier.end <= mark.start and mark.end <= later.start
        for mark in said.spots
    ):
        return True
    begins = earlier.end
    while said.tokens[begins] in {"了", "的", "吧", "啊"}:
        begins += 1
    if said.tokens[begins : later.start] not in denials.takes_back:
        return False
    if said.pauses & set(range(earlier.end, later.start + 1)):
        # 破了,不是,湿了; but 破了,不是湿了.
        return bool(said.pauses & set(range(begins + 1, later.start + 1)))
    return not denials.affirms & set(said.tokens[max(0, earlier.start - 1) : earlier.start])


def is_denied(spot: Spot, said: Said, denials: Denials) -> bool:
    """Answer whether something was named only to say that it is not so, or not known."""
    if any(
        other.kind == DOUBTS and 0 <= spot.start - other.end <= _DOUBT_REACHES
        for other in said.spots
    ):
        return True
    # Units that belong to another phrase don't deny this one.
    taken = {at for other in said.spots for at in range(other.start, other.end)}
    at = spot.start
    for _ in range(_BETWEEN + 1):
        if at in said.pauses or at == 0 or at - 1 in taken:
            break
        at -= 1
        if said.tokens[at] in denials.denying:
            return True
        if said.tokens[at] not in denials.passed_over:
            break
    return _is_denied_afterwards(spot, said, denials)


def _is_denied_afterwards(spot: Spot, said: Said, denials: Denials) -> bool:
    """退款就不用了; but 退款不要换货 denies what comes after it."""
    following = next((s.start for s in said.spots if s.start >= spot.end), len(said.tokens))
    behind = said.text(spot.end, following)
    found = denials.afterwards.match(behind)
    if found is None:
        return False
    return following == len(said.tokens) or following in said.pauses or found.end() < len(behind)
