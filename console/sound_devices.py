"""Microphone and speaker of this computer, where PyAudio is installed."""

from __future__ import annotations

from types import ModuleType

from campaigns.settings import SettingsError
from dialer.sound_device import SoundDevice


def sound_device(name: str, *, live: bool = False) -> SoundDevice:
    """Open a sound device by a part of its name, the default one for none.

    `live`: better skip what the microphone heard than be late with it.
    Raises SettingsError when PyAudio is not here, SoundDeviceError when the device isn't.
    """
    device: SoundDevice = _portaudio().Microphone(name, live=live)
    return device


def device_names() -> tuple[str, ...]:
    """Return the names of all sound devices; raises SettingsError when PyAudio is not here."""
    names: tuple[str, ...] = _portaudio().device_names()
    return names


def _portaudio() -> ModuleType:
    try:
        from dialer import microphone
    except ImportError as error:
        raise SettingsError(
            "PyAudio is not installed. Install Debian's portaudio19-dev, then: "
            "pip install 'menling[phone]'"
        ) from error
    return microphone
