"""Jurisdictions: reads the profiles that ship with Menling, and those that an operator writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

import yaml
from pydantic import Field, ValidationError
from pydantic.functional_validators import AfterValidator

from campaigns.settings_section import Section
from campaigns.when.caps import Caps
from campaigns.when.days import WEEKDAYS, Hours
from campaigns.when.pieces import pieces_of
from campaigns.when.profiles import Profile, Source, Standing

ELSEWHERE = "elsewhere"
"""The profile for countries that have none of their own."""


class ProfileError(ValueError):
    """A profile can't be used; the message names the file, what is wrong and what to do."""


def _pieces(text: str) -> str:
    pieces_of(text)
    return text


Pieces = Annotated[str, AfterValidator(_pieces)]


class _Hours(Section):
    workday: Pieces
    weekend: Pieces | None = None
    holiday: Pieces | None = None
    make_up_workday: Pieces | None = None
    monday: Pieces | None = None
    tuesday: Pieces | None = None
    wednesday: Pieces | None = None
    thursday: Pieces | None = None
    friday: Pieces | None = None
    saturday: Pieces | None = None
    sunday: Pieces | None = None


class _Caps(Section):
    per_hour: int | None = Field(default=None, ge=1)
    per_day: int | None = Field(default=None, ge=1)
    per_24_hours: int | None = Field(default=None, ge=1)
    per_week: int | None = Field(default=None, ge=1)
    per_parcel: int | None = Field(default=None, ge=1)
    gap_minutes: float = Field(default=0, ge=0)


class _Source(Section):
    says: str = Field(min_length=1)
    where: str = Field(min_length=1)
    standing: Standing
    address: str = ""
    certain: bool = True


class _Profile(Section):
    id: str = Field(pattern=r"^[a-z][a-z0-9-]{1,31}$")
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    countries: tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], ...] = ()
    hours: _Hours
    checked: date
    caps: _Caps = _Caps()
    prefixes: tuple[Annotated[str, Field(pattern=r"^\+[0-9]{1,14}$")], ...] = ()
    optional: bool = False
    calendar: str = Field(default="", pattern=r"^([A-Z]{2})?$")
    ring_floor_seconds: int = Field(default=0, ge=0, le=60)
    abandon_ceiling: float | None = Field(default=None, ge=0, le=1)
    abandon_days: int = Field(default=1, ge=1, le=366)
    say: tuple[str, ...] = ()
    sources: tuple[_Source, ...] = ()
    parts: tuple[_Part, ...] = ()


class _Part(Section):
    """A stricter rule of a part of the country, or of a kind of call; it narrows the whole."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]{1,31}$")
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    countries: tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], ...] = ()
    prefixes: tuple[Annotated[str, Field(pattern=r"^\+[0-9]{1,14}$")], ...] = ()
    hours: _Hours = _Hours(workday="00:00-24:00")
    caps: _Caps = _Caps()
    say: tuple[str, ...] = ()
    sources: tuple[_Source, ...] = Field(min_length=1)


_Profile.model_rebuild()


@cache
def shipped_profiles() -> Mapping[str, Profile]:
    """Return the profiles that ship with Menling, by their ids."""
    folder = resources.files("campaigns.jurisdictions")
    files = (each for each in folder.iterdir() if each.name.endswith(".yaml"))
    return _by_id(
        profile
        for file in sorted(files, key=lambda each: each.name)
        for profile in _read(file.name, file.read_text("utf-8"))
    )


@cache
def profiles_with(folder: Path | None) -> Mapping[str, Profile]:
    """Return the shipped profiles and those of a folder, which take the place of their namesakes.

    Raises ProfileError, and OSError when the folder can't be read.
    """
    if folder is None:
        return shipped_profiles()
    own = [
        profile
        for file in sorted(folder.iterdir())
        if file.suffix in (".yaml", ".yml")
        for profile in _read(str(file), file.read_text("utf-8"))
    ]
    if not own:
        raise ProfileError(f"There is no profile in {folder}; write one, such as cn.yaml")
    return _by_id([*shipped_profiles().values(), *own])


def _by_id(profiles: Iterable[Profile]) -> Mapping[str, Profile]:
    return MappingProxyType({profile.id: profile for profile in profiles})


def _read(name: str, text: str) -> list[Profile]:
    try:
        written = _Profile.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise ProfileError(f"The profile {name} can't be read: {error}") from error
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, each['loc']))}: {each['msg'].removeprefix('Value error, ')}"
            for each in error.errors()
        )
        raise ProfileError(f"The profile {name} can't be used: {wrong}") from error
    whole = _profile(written, written.checked)
    return [whole, *(_part(each, written) for each in written.parts)]


def _profile(written: _Profile, checked: date) -> Profile:
    return Profile(
        id=written.id,
        zh=written.zh,
        en=written.en,
        countries=frozenset(written.countries),
        hours=_hours(written.hours),
        caps=_caps(written.caps),
        checked=checked,
        prefixes=written.prefixes,
        is_optional=written.optional,
        calendar=written.calendar,
        ring_floor_seconds=written.ring_floor_seconds,
        abandon_ceiling=written.abandon_ceiling,
        abandon_days=written.abandon_days,
        say=written.say,
        sources=tuple(map(_source, written.sources)),
    )


def _part(part: _Part, whole: _Profile) -> Profile:
    return Profile(
        id=part.id,
        zh=part.zh,
        en=part.en,
        countries=frozenset(part.countries or whole.countries),
        hours=_hours(part.hours),
        caps=_caps(part.caps),
        checked=whole.checked,
        prefixes=part.prefixes,
        is_optional=True,
        calendar=whole.calendar,
        say=part.say,
        sources=tuple(map(_source, part.sources)),
    )


def _hours(written: _Hours) -> Hours:
    def read(name: str) -> tuple[tuple[int, int], ...] | None:
        text: str | None = getattr(written, name)
        return None if text is None else pieces_of(text)

    own = {number: read(name) for number, name in enumerate(WEEKDAYS)}
    return Hours(
        workday=pieces_of(written.workday),
        weekend=read("weekend"),
        holiday=read("holiday"),
        make_up_workday=read("make_up_workday"),
        weekdays=MappingProxyType(
            {number: pieces for number, pieces in own.items() if pieces is not None}
        ),
    )


def _caps(written: _Caps) -> Caps:
    return Caps(
        per_hour=written.per_hour,
        per_day=written.per_day,
        per_24_hours=written.per_24_hours,
        per_week=written.per_week,
        per_parcel=written.per_parcel,
        gap=timedelta(minutes=written.gap_minutes),
    )


def _source(written: _Source) -> Source:
    return Source(written.says, written.where, written.standing, written.address, written.certain)
