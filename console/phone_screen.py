"""What a softphone shows on the terminal."""

from __future__ import annotations

from typing import Final

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from dialer.softphone import DeviceLost, Over, PhoneNews, Refused, Rings, Talks
from dialer.softphone_state import PhoneState, Refusal

QUIETEST_SHOWN: Final = -60.0
LOUD: Final = -9.0
"""Above this it will soon be too loud."""
BAR: Final = 30
_STATES: Final = {
    PhoneState.WAITING: ("等待来电  waiting for a call", "dim"),
    PhoneState.RINGING: ("来电  ringing", "bold yellow"),
    PhoneState.TALKING: ("通话中  talking", "bold green"),
}
_REFUSALS: Final = {
    Refusal.STRANGER: "is none of those who may ring; name its address by --from",
    Refusal.BUSY: "found this telephone busy",
    Refusal.DEVICE: "found this telephone without a sound device",
}
KEYS: Final = "a 接听 answer   h 挂断 hang up   m 静音 mute   q 退出 quit"


def bar(dbfs: float) -> Text:
    """Return a level meter."""
    share = max(0.0, min(1.0, 1.0 - dbfs / QUIETEST_SHOWN))
    filled = round(share * BAR)
    colour = "red" if dbfs > LOUD else "green"
    return Text.assemble(("█" * filled, colour), ("░" * (BAR - filled), "dim"))


def panel(
    state: PhoneState, caller: str, seconds: int, levels: tuple[float, float], muted: bool
) -> RenderableType:
    """Return the whole screen; `levels` are those of the microphone and the speaker in dBFS."""
    words, style = _STATES[state]
    headline = Text(words, style)
    if state is not PhoneState.WAITING:
        headline.append(f"   {caller}")
    if state is PhoneState.TALKING:
        headline.append(f"   {seconds // 60:02d}:{seconds % 60:02d}")
    microphone, speaker = levels
    sent = Text("已静音 muted", "bold red") if muted else bar(microphone)
    return Panel(
        Group(
            headline,
            Text.assemble("麦克风 microphone  ", sent),
            Text.assemble("听筒   speaker     ", bar(speaker)),
            Text(KEYS, "dim"),
        ),
        title="门铃 Menling phone",
    )


def sentence(news: PhoneNews) -> str:
    """Return what happened, for people and for a log."""
    match news:
        case Rings(caller):
            return f"{caller} rings"
        case Talks():
            return "The call stands"
        case Over(reason):
            return f"The call is over ({reason})"
        case Refused(caller, address, why):
            return f"{caller} at {address} {_REFUSALS[why]}"
        case DeviceLost(advice):
            return advice
