"""A score told in words, where one was asked for: 满分, 挺满意, 一般, very poor."""

from __future__ import annotations

import re

_OPINIONS = (
    (
        r"(?:非常|很|极其|特别|太|十分|一点也|一点都|相当)不满意|最低分|最差"
        r"|(?:非常|很|太|极)差|差劲|糟透了?|very (?:poor|bad)|terrible|awful|worst",
        0.0,
    ),
    (
        r"不(?:太|大|怎么|是很|是太)?满意|不怎么样|不太好|不好|比较差|有点差"
        r"|poor|not (?:very )?good",
        0.25,
    ),
    (r"一般般?|还行|还可以|凑合|马马虎虎|中等|普通|过得去|average|so so|okay|not bad", 0.5),
    (
        r"满分|最高分|完美|(?:非常|很|特别|十分|超级|相当|超)(?:的)?(?:满意|好)|最好|没话说"
        r"|full marks|perfect|excellent|very (?:good|satisfied|happy)|amazing|brilliant",
        1.0,
    ),
    (r"(?:挺|蛮|比较|还算?|基本)?满意|(?:挺|蛮|还)?不错|挺好|蛮好|good|satisfied|happy|fine", 0.75),
)
"""Words, in the order they are looked for, and how far up the scale they are."""
_PATTERNS = tuple((re.compile(pattern), height) for pattern, height in _OPINIONS)


def find_opinion(text: str) -> tuple[int, int, str] | None:
    """Return where an opinion stands and how far up a scale it is, 0 to 1 as text."""
    for pattern, height in _PATTERNS:
        match = pattern.search(text)
        if match:
            return match.start(), match.end(), str(height)
    return None


def on_scale(height: float, scale: tuple[int, int]) -> int:
    """Return the score on a scale from its lowest to its highest value."""
    low, high = scale
    return low + int(height * (high - low) + 0.5)
