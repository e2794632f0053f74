"""What a manifest's cell says of a fact: any spelling a dispatcher uses, kept in one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from campaigns.manifest_cells import CellError, fen_in
from campaigns.promised_window import WindowError, promised_window
from ivr.facts import FactError, FactKind, FactSpec, facts_known, value_of
from ivr.meaning import FactValue

_LATE = "23:59"
_WHOLE_DAY = "08:00-21:00"


def fact_in(spec: FactSpec, text: str, now: datetime, zone: ZoneInfo) -> str:
    """Return a cell as the store keeps it: days and times absolute, yes and no as true and false.

    Raises CellError with the kind of fact that was wanted.
    """
    day = now.astimezone(zone).date()
    try:
        match spec.kind:
            case FactKind.MONEY:
                return f"{fen_in(text) / 100:.2f}"
            case FactKind.FLAG:
                return str(value_of(spec, text, now)).lower()
            case FactKind.WORD:
                return str(value_of(spec, text, now))
            case FactKind.WINDOW:
                start, end = promised_window(text, day, zone)
                return f"{_minute(start, zone)}-{end.astimezone(zone):%H:%M}"
            case FactKind.MOMENT:
                return _minute(promised_window(f"{text}-{_LATE}", day, zone)[0], zone)
            case FactKind.DAY:
                return f"{promised_window(f'{text} {_WHOLE_DAY}', day, zone)[0]:%Y-%m-%d}"
            case _:
                value_of(spec, text, now)
                return " ".join(text.split())
    except (FactError, WindowError) as error:
        raise CellError(f"fact_{spec.kind.value}") from error


def fact_values(texts: Mapping[str, str], now: datetime) -> Mapping[str, FactValue]:
    """Return the values of kept texts; `now` is aware, in the zone of the recipient.

    Facts that are no longer declared are left out.
    """
    known = facts_known()
    return MappingProxyType(
        {name: value_of(known[name], text, now) for name, text in texts.items() if name in known}
    )


def _minute(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
