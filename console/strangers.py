"""Says which model hears whom, and keeps one that doesn't hear strangers away from them."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection

from rich.console import Console

from asr.model_files import bundled_models, notice
from campaigns.hearing import MODEL_KEYS, models_of
from campaigns.settings import Settings, SettingsError
from console.screen import say


def tell_of_models(
    settings: Settings, languages: Collection[str], insisted: bool, console: Console
) -> None:
    """Say which model hears each language and what it is not fit for.

    Raises SettingsError when one of them would meet strangers it doesn't hear and nobody
    `insisted`; SettingsError and ModelError when a language can't be heard at all.
    """
    strangers = [each.host for each in settings.all_trunks.values() if meets_strangers(each.host)]
    for language, path in models_of(settings, languages).items():
        warning = notice(path.name)
        if warning and strangers and not insisted:
            raise SettingsError(
                f"{language} would be heard with {path.name}. {warning} The trunk {strangers[0]} "
                "rings people. Add --sha256 CHECKSUM to that command and set "
                f"{MODEL_KEYS[language]} to the folder that it names; to ring people all the same, "
                "say --bundled-model."
            )
        bundled = " (bundled)" if path in bundled_models() else ""
        colour = "yellow" if warning else ""
        say(f"{language} is heard with {path.name}{bundled}. {warning}".strip(), colour, console)


def meets_strangers(trunk_host: str) -> bool:
    """Answer whether calls to this trunk leave the machine; an unset trunk calls nobody."""
    if trunk_host in ("", "localhost"):
        return False
    try:
        return not ipaddress.ip_address(trunk_host.strip("[]")).is_loopback
    except ValueError:
        return True
