"""A crowd of simulated recipients: as many copies of the scenarios as calls are wanted."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from audio_fixtures.scenarios import SCENARIOS, Scenario, load_catalogue

INTERRUPTERS = Path(__file__).parent / "interrupters"
TALKERS = (
    "06_changes_address",
    "09_asks_who_and_which",
    "11_waits",
    "05_corrects_himself",
    "07_locker",
    "04_reschedules",
    "10_asks_to_repeat",
    "28_doorstep",
    "14_refuses",
    "01_confirms",
    "03_hello_first",
)
"""They answer by voice, several times; the longest calls come first, so that none is left over."""
TALKERS_PER_INTERRUPTER = 3
INTERRUPTION_SPREAD_SECONDS = 0.17
"""Each copy interrupts so much later, so that a pause in our sentence flatters not all of them."""
SPREADS = 8


@dataclass(frozen=True, slots=True)
class Crowd:
    """Recipients of one's own making."""

    folder: Path
    """Their scenario files."""
    recipients: Mapping[str, Scenario]
    """By number."""
    parcels: Mapping[str, str]
    """The number in the example manifests whose parcel each of them is called for."""


def crowd(folder: Path, calls: int, level: int) -> Crowd:
    """Write the files of so many recipients; `level` keeps the numbers of crowds apart."""
    folder.mkdir(parents=True)
    parcels: dict[str, str] = {}
    for place, path in enumerate(itertools.islice(_cast(), calls)):
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        number = f"+86139{level:03d}{place:05d}"
        parcels[number] = data["number"]
        data |= {"id": f"{data['id']}_{place}", "number": number}
        if path.parent == INTERRUPTERS:
            data["script"] = [_later(step, place % SPREADS) for step in data["script"]]
        text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False)
        (folder / f"{place:05d}.yaml").write_text(text, encoding="utf-8")
    return Crowd(folder, load_catalogue(folder), parcels)


def _cast() -> itertools.chain[Path]:
    """Return the scenario files in the order in which they are copied, without end."""
    talkers = itertools.cycle(SCENARIOS / f"{name}.yaml" for name in TALKERS)
    interrupters = itertools.cycle(
        [*sorted(INTERRUPTERS.glob("*.yaml")), SCENARIOS / "26_talks_over.yaml"]
    )
    return itertools.chain.from_iterable(
        (*itertools.islice(talkers, TALKERS_PER_INTERRUPTER), next(interrupters))
        for _ in itertools.count()
    )


def _later(step: dict[str, Any], places: int) -> dict[str, Any]:
    if "interrupt" not in step:
        return step
    return {"interrupt": round(step["interrupt"] + places * INTERRUPTION_SPREAD_SECONDS, 2)}
