"""Whether something was asked that no phrase knows: 取件码是多少, how long is the warranty."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet

from ivr.nlu.patterns import Tokens

_LEAST_TOKENS = 3
_CHINESE = re.compile(
    # 怎么都行, 什么都可以, 哪里也不去 ask nothing.
    r"怎么(?!都|也|可能|行|成|好意思|了$|样都)|如何|为什么|为啥|什么(?!都|也|的$|时候都)"
    r"|咋(?=[办样弄整回还不没能会说走用联退换取查投])|啥(?=时|东|意|情|原|公|样|办)|[有是要干带说做填]啥"
    r"|哪[里儿个家些位种边块条天年](?!都|也|怕|方便|来得及|行|有空|有时间)|[在从到去]哪(?!怕)"
    r"|谁(?=负|来|的|给|赔|管|联|能|在|可以)|[找跟问给是由和]谁(?!都|也)"
    r"|多少|多久|多长|多重|多远|(?<![过好这那等十有前没])几(?:点|个|件|号|次|楼|块|家|公斤|斤|层)"
    r"|有没有|是不是|能不能|可不可以|会不会|要不要|用不用|需不需要"
    r"|(?<![一试看想问说])((?![来去吃走玩喝睡])[一-鿿])[不没]\1(?!\1)"
    r"|(?:能|可以|可否|能否|会|有|是|要|需要)(?=.{1,12}[吗么]$)"
    r"|(?<!可以)(?<![好行是对成中不嘛])吗$|(?:快递|件|包裹|那个|另外.{0,4})呢$"
)
_ENGLISH = re.compile(
    r"\b(?:what|what's|how|how's|why|where|where's|when|who|who's|which|whose)\b"
    r"|\b(?:do|does|did|is|are|was|can|could|will|would|should|shall|may|have|has|am)"
    r" (?:i|you|we|it|they|he|she|there|the|that|this|my|your)\b"
)


def asked_at(
    tokens: Tokens, used: AbstractSet[int], plain: AbstractSet[tuple[int, int]] = frozenset()
) -> int | None:
    """Return the index of the first word of a question that is no part of a known phrase.

    `used` are the indices of tokens that known phrases take in; a question before one of them
    belongs to it, as in 能不能改天. `plain` says where words begin and end that stand for
    themselves: a question word may be one, but not a part of one.
    """
    if len(tokens) < _LEAST_TOKENS:
        return None
    glue = " " if tokens[0].isascii() and tokens[0][0] != "{" else ""
    text = glue.join(tokens)
    for match in (_ENGLISH if glue else _CHINESE).finditer(text):
        first = _index(tokens, len(glue), match.start())
        last = _index(tokens, len(glue), match.end() - 1)
        begins = first - 1 if match.end() == len(text) else first
        if not any(at >= begins for at in used) and not any(
            begin <= last and first < end and (begin < first or end > last + 1)
            for begin, end in plain
        ):
            return first
    return None


def _index(tokens: Tokens, glue: int, position: int) -> int:
    """Return which token a place of the joined text belongs to."""
    for index, token in enumerate(tokens):
        position -= len(token) + glue
        if position < 0:
            return index
    return len(tokens) - 1
