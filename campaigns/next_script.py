"""The words of `contacts.next_script`: how the next call of a contact differs."""

from __future__ import annotations

from typing import Final

SHORT: Final = "short"
"""It says that the last one was cut, and comes to the point."""
AGENT: Final = "agent"
"""It is made only while an agent is kept for it."""
