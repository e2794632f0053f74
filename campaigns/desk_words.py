"""What people at the console are told when something can't be, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from dialer.leg import HangupCause
from ivr.people import Refused

Said = Mapping[str, str]


def said(zh: str, en: str) -> Said:
    """Return a sentence in both languages."""
    return MappingProxyType({"zh": zh, "en": en})


CALL_IS_OVER: Final = said("通话已经结束。", "The call is over.")
NOT_OFFERED: Final = said(
    "这通电话已不在等您接听：客户已挂机，或已转给其他坐席。",
    "This call is no longer held out to you: the customer hung up, or a colleague has it.",
)
NOT_IN_CALL: Final = said("您不在这通电话里。", "You are not in this call.")
ANOTHER_CALL: Final = said(
    "您正在另一通电话里，请先结束那一通。", "You are in another call; end that one first."
)
NEEDS_AGENT: Final = said(
    "现在没有坐席在通话，无法耳语。", "No agent is in the call, so there is nobody to whisper to."
)
ENGINE_GONE: Final = said(
    "拨号引擎已重启，这通电话已中断。", "The engine was started again; the call is lost."
)
MOVED_ON: Final = said(
    "通话状态刚刚变了，请刷新后再试。", "The call has just moved on; look again and try once more."
)
FAULT: Final = said(
    "系统出错，没有执行；请重试，仍不行请找管理员。",
    "Something went wrong and nothing was done; try again, then tell the administrator.",
)


_REFUSED: Final[Mapping[str, Said]] = MappingProxyType(
    {
        Refused.NOT_ANSWERED: said(
            "客户还没有接听，暂时不能加入。", "Nobody has picked up yet; join once they have."
        ),
        Refused.OVER: CALL_IS_OVER,
        Refused.TAKEN: said("已有同事在这通电话里。", "A colleague has the call already."),
        Refused.NO_AGENT: NEEDS_AGENT,
        Refused.TWICE: said(
            "您的话机正在接入这通电话，请稍候。",
            "Your telephone is being connected to this call; wait a moment.",
        ),
        Refused.WITHDRAWN: said(
            "客户不再需要人工，机器人已继续服务。",
            "The customer no longer wants a person; the robot goes on.",
        ),
        Refused.NOT_YOURS: said(
            "这位客户不是由您接待，不能由您转接。",
            "You do not have this customer, so you can't pass them on.",
        ),
    }
)


_DEVICE: Final[Mapping[str, Said]] = MappingProxyType(
    {
        HangupCause.NO_ANSWER: said("您的话机没有接听。", "Your telephone was not answered."),
        HangupCause.BUSY: said("您的话机正忙。", "Your telephone is busy."),
        HangupCause.DECLINED: said("您的话机拒接了来电。", "Your telephone declined the call."),
        HangupCause.INVALID_NUMBER: said(
            "话机地址不存在，请检查分机号。", "There is no such telephone; check the extension."
        ),
        HangupCause.UNAVAILABLE: said(
            "您的话机没有登录或不在线。", "Your telephone is not registered or not online."
        ),
        HangupCause.TRUNK_UNREACHABLE: said(
            "联系不上您的话机，请检查地址和网络。",
            "Your telephone can't be reached; check its address and the network.",
        ),
        HangupCause.UNANSWERED_INVITE: said(
            "联系不上您的话机，请检查地址和网络。",
            "Your telephone can't be reached; check its address and the network.",
        ),
        HangupCause.FORBIDDEN: said(
            "分机服务器拒绝了呼叫，请管理员检查坐席账号。",
            "The host of the extensions refused; the administrator must check its account.",
        ),
        HangupCause.INCOMPATIBLE_MEDIA: said(
            "话机的语音编码不兼容，请启用 G.711。", "The telephone speaks no G.711; switch it on."
        ),
    }
)


def why_not(why: str) -> Said:
    """Return why a device did not come into a call, for the person who tried."""
    known = _REFUSED.get(why) or _DEVICE.get(why)
    if known is not None:
        return known
    if why in list(HangupCause):
        return said(f"话机没有接通（{why}）。", f"The telephone was not connected ({why}).")
    return both(why)


_THIRD: Final[Mapping[str, Said]] = MappingProxyType(
    {
        HangupCause.NO_ANSWER: said("对方没有接听。", "Nobody answered there."),
        HangupCause.BUSY: said("对方正忙。", "The line there is busy."),
        HangupCause.DECLINED: said("对方拒接了来电。", "The call was declined there."),
        HangupCause.INVALID_NUMBER: said(
            "没有这个号码，请检查地址。", "There is no such number; check the address."
        ),
        HangupCause.UNAVAILABLE: said("对方不在线。", "Nobody is online there."),
        HangupCause.TRUNK_UNREACHABLE: said(
            "联系不上对方，请检查地址和网络。",
            "The address can't be reached; check it, and the network.",
        ),
        HangupCause.UNANSWERED_INVITE: said(
            "联系不上对方，请检查地址和网络。",
            "The address can't be reached; check it, and the network.",
        ),
        HangupCause.FORBIDDEN: said(
            "对方的服务器拒绝了呼叫，请管理员检查账号。",
            "The host there refused; the administrator must check our account.",
        ),
        HangupCause.INCOMPATIBLE_MEDIA: said(
            "对方的语音编码不兼容。", "The telephone there speaks no codec of ours."
        ),
    }
)


def why_third_not(why: str) -> Said:
    """Return why a third can't be had for a customer, for the agent who called them up."""
    known = _REFUSED.get(why) or _THIRD.get(why)
    if known is not None:
        return known
    if why in list(HangupCause) or not why:
        return said(f"没有接通（{why or '原因不明'}）。", f"Not connected ({why or 'unknown'}).")
    return both(why)


def both(sentence: str) -> Said:
    """Return a sentence that is only known in one language."""
    return said(sentence, sentence)
