"""By whom a number came onto the do-not-call list, as people read it; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_CALL: Final = re.compile(
    r"(?:campaign \d+, )?attempt (?P<call>\d+)(?:, (?P<agent>agent)(?: \d+)?)?"
)
_USER: Final = re.compile(r"user (?P<user>\d+)")


@dataclass(frozen=True, slots=True)
class SourceView:
    """Where an entry of the list comes from."""

    words: str
    """Key of the words that say it; empty: it is shown as it was written."""
    call_id: int | None = None
    name: str = ""
    """Who added it, or what was written."""


def source_view(source: str, names: Mapping[int, str]) -> SourceView:
    """Return where an entry comes from; `names`: of users, by their id."""
    call = _CALL.fullmatch(source)
    if call is not None:
        told = "suppression.by_agent" if call["agent"] else "suppression.by_call"
        return SourceView(told, call_id=int(call["call"]))
    user = _USER.fullmatch(source)
    if user is not None and int(user["user"]) in names:
        return SourceView("suppression.by_user", name=names[int(user["user"])])
    return SourceView("", name=source)
