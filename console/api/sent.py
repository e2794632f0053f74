"""What a request brings, of whatever subject."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Sent(BaseModel):
    """What a request brings; a name that it doesn't know is an error."""

    model_config = ConfigDict(extra="forbid")
