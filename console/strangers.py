"""Keeps a model that doesn't hear strangers away from them, unless somebody insists."""

from __future__ import annotations

import ipaddress

from rich.console import Console

from asr.model_files import notice
from campaigns.host import model_of
from campaigns.settings import Settings, SettingsError
from console.screen import say

REMEDY = (
    "Run `menling models fetch vosk-model-small-cn-0.22 --sha256 CHECKSUM` and set "
    "recognition.model to its folder; to ring people all the same, say --bundled-model."
)


def warn_of_model(settings: Settings, insisted: bool, console: Console) -> None:
    """Say what the model in use is not fit for.

    Raises SettingsError when it would meet strangers and nobody `insisted`.
    """
    warning = notice(model_of(settings).name)
    if not warning:
        return
    if meets_strangers(settings.trunk.host) and not insisted:
        raise SettingsError(f"{warning} The trunk {settings.trunk.host} rings people. {REMEDY}")
    say(warning, "yellow", console)


def meets_strangers(trunk_host: str) -> bool:
    """Answer whether calls to this trunk leave the machine; an unset trunk calls nobody."""
    if trunk_host in ("", "localhost"):
        return False
    try:
        return not ipaddress.ip_address(trunk_host.strip("[]")).is_loopback
    except ValueError:
        return True
