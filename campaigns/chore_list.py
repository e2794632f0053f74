"""All chores of the engine that leads, in one list."""

from __future__ import annotations

from typing import Final

from campaigns.chores import Chore
from campaigns.housekeeping import HOUSEKEEPING
from campaigns.incoming.chores import INCOMING
from campaigns.messages.chores import MESSAGING
from campaigns.too_late import TOO_LATE

CHORES: Final[tuple[Chore, ...]] = (*HOUSEKEEPING, *TOO_LATE, *MESSAGING, *INCOMING)
