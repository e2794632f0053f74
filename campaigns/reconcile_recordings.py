"""What a recording tells of a call of which no report came: did we ever say anything?"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from audio.level import dbfs
from audio.pcm import FRAME_SECONDS, SAMPLE_RATE

SILENCE_DBFS: Final = -60.0
_HEADER_BYTES: Final = 4096
"""Within so many the sound begins; a process that was killed never wrote how long it is."""
_BEGINS: Final = b"data"
_BYTES: Final = 2
_SIDES: Final = 2
_FRAME: Final = int(SAMPLE_RATE * FRAME_SECONDS)


def said_seconds(wav: Path) -> float | None:
    """Return the seconds from our first sound to the end of a recording, 0 when we said nothing;
    None: there is no such file.

    We say nothing before somebody picks up: what comes before is heard, never said.
    """
    try:
        with wav.open("rb") as file:
            sound = file.read()
    except FileNotFoundError:
        return None
    begins = sound.find(_BEGINS, 0, _HEADER_BYTES)
    return 0.0 if begins < 0 else _from_first_sound(sound[begins + 2 * len(_BEGINS) :])


def _from_first_sound(sound: bytes) -> float:
    step = _FRAME * _BYTES * _SIDES
    whole = len(sound) - len(sound) % step
    for place in range(0, whole, step):
        both = sound[place : place + step]
        ours = b"".join(both[at + _BYTES : at + 2 * _BYTES] for at in range(0, step, 4))
        if dbfs(ours) > SILENCE_DBFS:
            return (whole - place) / (step / FRAME_SECONDS)
    return 0.0
