"""What people at the console are told when something can't be, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

Said = Mapping[str, str]


def _said(zh: str, en: str) -> Said:
    return MappingProxyType({"zh": zh, "en": en})


CALL_IS_OVER: Final = _said("通话已经结束。", "The call is over.")
NOT_OFFERED: Final = _said(
    "这通电话已不在等您接听：客户已挂机，或已转给其他坐席。",
    "This call is no longer held out to you: the customer hung up, or a colleague has it.",
)
NOT_IN_CALL: Final = _said("您不在这通电话里。", "You are not in this call.")
NEEDS_AGENT: Final = _said(
    "现在没有坐席在通话，无法耳语。", "No agent is in the call, so there is nobody to whisper to."
)
ENGINE_GONE: Final = _said(
    "拨号引擎已重启，这通电话已中断。", "The engine was started again; the call is lost."
)
MOVED_ON: Final = _said(
    "通话状态刚刚变了，请刷新后再试。", "The call has just moved on; look again and try once more."
)


def both(sentence: str) -> Said:
    """Return a sentence that is only known in one language."""
    return _said(sentence, sentence)
