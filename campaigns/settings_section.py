"""What all tables of the settings file have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A table of the settings file; a key that it doesn't know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)
