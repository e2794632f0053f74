"""People: what the engine and a worker tell each other about people who join calls; pure.

    engine                                    worker
      DeskStaffed, JoinCall, ChangeMode, LeaveCall,
      ShowOut, SomebodyComes, NobodyComes, EndCall, TransferOut, …  ──▶
                                             ◀── CallTurn, CallFlagged, PersonWanted,
                                                 WishWithdrawn, NobodyCame, JoinAnswered, Joined,
                                                 JoinEnded, VoiceMissing, TransferMoved

Plain frozen values that cross a pipe between processes, of three kinds: `people_orders`,
`people_news`, and `people_wanted` in both.
"""

from __future__ import annotations

from dataclasses import dataclass

from ivr.people_news import (
    CallFlagged,
    CallTurn,
    HowJoinEnded,
    JoinAnswered,
    Joined,
    JoinEnded,
    JoinFailed,
    NobodyCame,
    PeopleNews,
    PersonWanted,
    Refused,
    TransferMoved,
    TransferStage,
    VoiceMissing,
    WishWithdrawn,
)
from ivr.people_orders import (
    Afterwards,
    BrowserDevice,
    CancelTransfer,
    ChangeMode,
    CompleteTransfer,
    DeskStaffed,
    Device,
    EndCall,
    JoinCall,
    JoinMode,
    JoinRole,
    LeaveCall,
    NobodyComes,
    PeopleOrder,
    ShowOut,
    SipDevice,
    SomebodyComes,
    TransferOut,
)
from ivr.people_wanted import (
    Brief,
    Flag,
    Line,
)

__all__ = [
    "Afterwards",
    "Brief",
    "BrowserDevice",
    "CallFlagged",
    "CallTurn",
    "CancelTransfer",
    "ChangeMode",
    "CompleteTransfer",
    "DeskStaffed",
    "Device",
    "EndCall",
    "Flag",
    "HowJoinEnded",
    "JoinAnswered",
    "JoinCall",
    "JoinEnded",
    "JoinFailed",
    "JoinMode",
    "JoinRole",
    "Joined",
    "LeaveCall",
    "Line",
    "NobodyCame",
    "NobodyComes",
    "PeopleNews",
    "PeopleOrder",
    "PersonWanted",
    "Refused",
    "ShowOut",
    "SipDevice",
    "SomebodyComes",
    "TransferMoved",
    "TransferOut",
    "TransferStage",
    "Visit",
    "VoiceMissing",
    "WishWithdrawn",
]


@dataclass(frozen=True, slots=True)
class Visit:
    """A person's part in a call."""

    join: int
    """Below zero: a third, whom an agent called up."""
    role: str
    """`agent`, `supervisor` or `third`."""
    began: float
    """Seconds of call audio."""
    ended: float
    spoke: bool = False
    """Words of theirs were heard by the customer."""
