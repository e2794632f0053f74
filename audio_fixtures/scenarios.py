"""Simulated recipients as data: who answers, what they do, and what must come of the call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import yaml

from audio_fixtures.clips import FOLDER, clip_path
from audio_fixtures.script import (
    Before,
    NeverAnswer,
    Reject,
    ScriptError,
    Step,
    before_of,
    clips_of,
    steps_of,
)

SCENARIOS = FOLDER / "scenarios"
DEFAULT_NOISE_DBFS = -56.0
_READER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's is twelve times as fast; not every build of PyYAML has it."""


class ScenarioError(ValueError):
    """A scenario file can't be played; the message names the file, the place and what to write."""


@dataclass(frozen=True, slots=True)
class NewWindow:
    """The delivery window that must come of the call, in the recipient's zone."""

    days: int
    """Days after the day of the call."""
    earliest: time
    """The window starts at this time or later."""
    latest: time
    """The window ends by this time, if it has an end."""
    starts: time | None = None
    """The window starts exactly then."""

    def fits(self, start: datetime, end: datetime | None, called_on: date) -> bool:
        """Tell whether a window agreed on the phone is the one that was asked for."""
        return (
            start.date() == called_on + timedelta(days=self.days)
            and self.earliest <= start.time() <= self.latest
            and (self.starts is None or start.time() == self.starts)
            and (end is None or start < end <= datetime.combine(start, self.latest, start.tzinfo))
        )


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the dispatcher must read after the call; None: not looked at."""

    disposition: str
    outcome: str
    new_window: NewWindow | None = None
    address: str = ""
    """The new address contains this."""
    hand_over: str = ""
    consent: bool = False
    needs_person: bool | None = None
    attempts: int = 1
    """How many INVITEs this recipient gets."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One simulated recipient."""

    id: str
    number: str
    """E.164; the user part of the Request-URI that rings him."""
    title: str
    """For the people who watch the demo, in Chinese."""
    expect: Expectation
    voice: str = ""
    noise_dbfs: float = DEFAULT_NOISE_DBFS
    """Noise of his line while nobody speaks."""
    before: tuple[Before, ...] = ()
    """What happens before the answer; without a rejection he answers after it."""
    script: tuple[Step, ...] = ()
    """What he does after the answer."""
    otherwise: tuple[Step, ...] = ()
    """What he does at each further turn once the script is over."""

    def clips(self) -> frozenset[str]:
        """Return the ids of all clips he needs."""
        return frozenset(
            clip
            for step in (*self.before, *self.script, *self.otherwise)
            for clip in clips_of(step)
        )

    def answers(self) -> bool:
        """Tell whether he picks up at all."""
        return not any(isinstance(step, Reject | NeverAnswer) for step in self.before)


def load_scenario(path: Path) -> Scenario:
    """Return the scenario in a file; `./answers/01` names a clip beside it.

    Raises ScenarioError when the file says something no recipient can do.
    """
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), _READER)
        return scenario_of(_beside(data, path.absolute().parent))
    except (yaml.YAMLError, ScriptError) as error:
        raise ScenarioError(f"{path.name}: {error}") from error


def scenario_of(data: object) -> Scenario:
    """Return the scenario written as plain YAML data; raises ScriptError for what is wrong."""
    fields = _mapping(
        data, "a scenario", set(Scenario.__slots__), {"id", "number", "title", "expect"}
    )
    number = fields["number"]
    if not isinstance(number, str) or not number.lstrip("+").isdigit():
        raise ScriptError(f'number: write it in quotes, like "+8613800138001", not {number!r}')
    noise = fields.get("noise_dbfs", DEFAULT_NOISE_DBFS)
    if not isinstance(noise, int | float) or not -90 <= noise <= -20:
        raise ScriptError(f"noise_dbfs: write a level from -90 to -20, not {noise!r}")
    scenario = Scenario(
        id=str(fields["id"]),
        number=number,
        title=str(fields["title"]),
        expect=_expectation(fields["expect"]),
        voice=str(fields.get("voice", "")),
        noise_dbfs=float(noise),
        before=before_of(fields.get("before", [])),
        script=steps_of(fields.get("script", []), "script"),
        otherwise=steps_of(fields.get("otherwise", []), "otherwise"),
    )
    for clip in sorted(scenario.clips()):
        if not clip_path(clip).is_file():
            raise ScriptError(
                f"clip {clip!r} does not exist; add it to labels.yaml and run "
                "`python -m audio_fixtures.build`"
            )
    if not scenario.answers() and (scenario.script or scenario.otherwise):
        raise ScriptError("he never answers, so he can't have a script; remove one of the two")
    return scenario


def load_scenarios(folder: Path = SCENARIOS) -> tuple[Scenario, ...]:
    """Return all scenarios of a folder, by number.

    Raises ScenarioError when there is none or when two share an id or a number.
    """
    scenarios = sorted(
        (load_scenario(path) for path in folder.glob("*.yaml")), key=lambda each: each.number
    )
    if not scenarios:
        raise ScenarioError(f"{folder} holds no scenario (*.yaml)")
    _refuse_twins("id", [each.id for each in scenarios])
    _refuse_twins("number", [each.number for each in scenarios])
    return tuple(scenarios)


def load_catalogue(folder: Path = SCENARIOS) -> Mapping[str, Scenario]:
    """Return the scenarios of a folder by the number that rings them."""
    return {scenario.number: scenario for scenario in load_scenarios(folder)}


def _beside(data: object, folder: Path) -> object:
    """Return plain data with the clips that lie beside the file named by their whole path."""
    match data:
        case dict():
            return {key: _beside(value, folder) for key, value in data.items()}
        case list():
            return [_beside(each, folder) for each in data]
        case str() if data.startswith("./"):
            return str(folder / data)
        case _:
            return data


def _refuse_twins(what: str, values: Sequence[str]) -> None:
    twins = [value for value, count in Counter(values).items() if count > 1]
    if twins:
        raise ScenarioError(f"two scenarios share the {what} {', '.join(twins)}; change one")


def _mapping(data: object, what: str, known: set[str], needed: set[str]) -> dict[str, object]:
    if not isinstance(data, dict):
        raise ScriptError(f"{what} is a mapping of names to values, not {data!r}")
    if unknown := sorted(str(key) for key in data if key not in known):
        raise ScriptError(
            f"{what} has no {', '.join(unknown)}; it knows {', '.join(sorted(known))}"
        )
    if missing := sorted(needed - data.keys()):
        raise ScriptError(f"{what} needs {', '.join(missing)}")
    return data


def _expectation(data: object) -> Expectation:
    fields = _mapping(data, "expect", set(Expectation.__slots__), {"disposition", "outcome"})
    window = fields.get("new_window")
    attempts = fields.get("attempts", 1)
    needs_person = fields.get("needs_person")
    if not isinstance(attempts, int) or attempts < 0:
        raise ScriptError(f"attempts: write a count, not {attempts!r}")
    if needs_person is not None and not isinstance(needs_person, bool):
        raise ScriptError(f"needs_person: write true or false, not {needs_person!r}")
    return Expectation(
        disposition=str(fields["disposition"]),
        outcome=str(fields["outcome"]),
        new_window=None if window is None else _window(window),
        address=str(fields.get("address", "")),
        hand_over=str(fields.get("hand_over", "")),
        consent=fields.get("consent", False) is True,
        needs_person=needs_person,
        attempts=attempts,
    )


def _window(data: object) -> NewWindow:
    fields = _mapping(data, "new_window", set(NewWindow.__slots__), {"days", "earliest", "latest"})
    days = fields["days"]
    if not isinstance(days, int):
        raise ScriptError(f"new_window.days: write a whole number of days, not {days!r}")
    starts = fields.get("starts")
    return NewWindow(
        days=days,
        earliest=_clock(fields["earliest"]),
        latest=_clock(fields["latest"]),
        starts=None if starts is None else _clock(starts),
    )


def _clock(value: object) -> time:
    try:
        return time.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise ScriptError(f'write a time in quotes, like "15:00", not {value!r}') from None
