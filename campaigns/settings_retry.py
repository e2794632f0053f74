"""What settings and a campaign's policy say of further calls, and the table it amounts to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from campaigns.retry_reader import load_table, table_for, with_changes
from campaigns.retry_table import Pace, RetryRule, RetryTable
from campaigns.settings_section import Section
from store.types import Disposition, Outcome

Never = Literal["never"]
Minutes = Annotated[float, Field(ge=0)] | Never | None
"""How long to wait before the next call; `never` ends the contact; None: as in the table."""

_ALSO: Final = ((Disposition.COMPLETED, Outcome.UNFINISHED),)
"""A talk that ended without an answer waits as long as one that was cut short."""


class RetryAfterMinutes(Section):
    """When to call again after each disposition, if not as the table says."""

    busy: Minutes = Field(default=None, description="Engaged.")
    in_a_call: Minutes = Field(default=None, description="The network says he is in another call.")
    no_answer: Minutes = Field(default=None, description="Rang out.")
    declined: Minutes = Field(default=None, description="Rejected while ringing.")
    switched_off: Minutes = Field(default=None, description="Switched off.")
    out_of_reach: Minutes = Field(default=None, description="No coverage.")
    restricted: Minutes = Field(default=None, description="Incoming calls are barred.")
    suspended: Minutes = Field(default=None, description="The number is suspended.")
    voicemail: Minutes = Field(default=None, description="A message was left.")
    assistant: Minutes = Field(default=None, description="An assistant took a message.")
    no_conversation: Minutes = Field(default=None, description="Answered, said nothing.")
    hung_up_midway: Minutes = Field(
        default=None, description="Hung up before the matter was settled."
    )
    media_failure: Minutes = Field(default=None, description="The sound failed during the call.")
    trunk_failure: Minutes = Field(
        default=None, description="The trunk failed; not counted as an attempt."
    )


class RetrySettings(Section):
    """Which retry table a campaign runs by, and what it does otherwise."""

    table: str = Field(
        default="",
        pattern=r"^[a-z0-9_-]{0,64}$",
        description="Name of the table; empty: the one for the conversation, else delivery.",
    )
    rules: dict[str, Any] = Field(
        default={}, description="Rules that take the place of the table's, written like there."
    )


def table_of(
    section: RetrySettings,
    minutes: RetryAfterMinutes,
    folder: Path | None,
    limits: Mapping[str, int | None],
    flow: str = "",
) -> RetryTable:
    """Return the table that a campaign runs by.

    Earlier keys (`minutes`, and `max_attempts` and its like in `limits`) take the place of what it
    says, and rules of the section that of both. Raises campaigns.retry_reader.RetryTableError.
    """
    table = load_table(section.table or table_for(flow), folder and folder.expanduser())
    table = replace(table, rules=MappingProxyType(_by_minutes(table, minutes)))
    known = {name: number for name, number in limits.items() if number is not None}
    return with_changes(table, section.rules, known)


def _by_minutes(
    table: RetryTable, written: RetryAfterMinutes
) -> dict[tuple[Disposition, Outcome | None], RetryRule]:
    rules = dict(table.rules)
    for name, minutes in written:
        if minutes is None:
            continue
        end = Disposition(name)
        keys: list[tuple[Disposition, Outcome | None]] = [(end, None)]
        if end is Disposition.HUNG_UP_MIDWAY:
            keys += _ALSO
        for key in keys:
            before = rules.get(key)
            then = () if before is None else before.then
            rules[key] = (
                RetryRule(Pace.NEVER, then=then)
                if isinstance(minutes, str)
                else RetryRule(Pace.MINUTES, (minutes,), then=then)
            )
    return rules
