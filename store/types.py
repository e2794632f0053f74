"""The words that columns hold; an operator reads the same words in a report."""

from __future__ import annotations

from enum import StrEnum


class CampaignStatus(StrEnum):
    """What the operator wants of a campaign."""

    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Nothing will ever be dialled again."""
        return self in (CampaignStatus.FINISHED, CampaignStatus.CANCELLED)


class ContactStatus(StrEnum):
    """Where a contact is on its way from the manifest to an outcome."""

    WAITING = "waiting"
    """To be called once `next_call_at` has come."""
    IN_CALL = "in_call"
    """Exactly one attempt of it is not settled."""
    DONE = "done"
    """Called, and no further attempt will follow."""
    CLOSED = "closed"
    """Not to be called: suppressed, expired or the campaign was cancelled."""
    NEEDS_RECONCILIATION = "needs_reconciliation"
    """An attempt's fate is unknown; a person decides, nobody redials by himself."""


class AttemptStatus(StrEnum):
    """How far one dialling has come."""

    CLAIMED = "claimed"
    """Promised to a worker; the telephone did certainly not ring yet."""
    DIALING = "dialing"
    """Handed to the trunk; the telephone may have rung."""
    SETTLED = "settled"


class Disposition(StrEnum):
    """How an attempt ended, in telephone terms."""

    COMPLETED = "completed"
    NO_CONVERSATION = "no_conversation"
    """Answered, and never a word or key came."""
    HUNG_UP_MIDWAY = "hung_up_midway"
    VOICEMAIL = "voicemail"
    ASSISTANT = "assistant"
    """A call-screening assistant (智能秘书) took the call."""
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    DECLINED = "declined"
    SWITCHED_OFF = "switched_off"
    SUSPENDED = "suspended"
    """停机: the number's service is suspended."""
    OUT_OF_REACH = "out_of_reach"
    """无法接通, 不在服务区."""
    IN_A_CALL = "in_a_call"
    """正在通话中."""
    RESTRICTED = "restricted"
    """呼入限制: the number takes no such calls."""
    INVALID_NUMBER = "invalid_number"
    """空号, 404."""
    TRUNK_FAILURE = "trunk_failure"
    MEDIA_FAILURE = "media_failure"
    INTERRUPTED = "interrupted"
    """Our own side ended: a worker died, the engine was stopped."""
    SUPPRESSED = "suppressed"
    """Never dialled: the number is on the suppression list."""
    EXPIRED = "expired"
    """Never dialled again: a call would come too late to be of use."""
    OPEN_TICKET = "open_ticket"
    """Never dialled: a call of this kind leaves people alone who wait for us to make good."""
    ABANDONED = "abandoned"
    """Answered, and no agent was free: heard who called and why nobody talks."""
    WITHDRAWN = "withdrawn"
    """Never dialled (again): what the call was about is over, or was taken back."""
    OUT_OF_SCOPE = "out_of_scope"
    """Never dialled: the campaign is a pilot for others."""


class Outcome(StrEnum):
    """What dispatch learns: the words of `ivr.exchange.DialogOutcome`, and some of our own."""

    CONFIRMED = "confirmed"
    RESCHEDULED = "rescheduled"
    ADDRESS_CHANGED = "address_changed"
    HAND_OVER_CHANGED = "hand_over_changed"
    REFUSED = "refused"
    WRONG_NUMBER = "wrong_number"
    OPTED_OUT = "opted_out"
    CALLBACK_PROMISED = "callback_promised"
    INFORMED = "informed"
    """Told what they had to know; nothing was to be decided."""
    RECEIVED = "received"
    """The parcel is in their hands, whole and complete."""
    PROBLEM_REPORTED = "problem_reported"
    """Something is wrong with it, or still is; a ticket says what."""
    RATED = "rated"
    SOLUTION_CHOSEN = "solution_chosen"
    """They took one of the solutions that were offered for a problem."""
    PICKUP_AGREED = "pickup_agreed"
    """A time was agreed at which the courier fetches something from them."""
    MESSAGE_LEFT = "message_left"
    UNFINISHED = "unfinished"
    NOT_REACHED = "not_reached"
    SUPPRESSED = "suppressed"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    """The attempt was interrupted and nobody knows what was said."""
    WITHDRAWN = "withdrawn"
    """No call is needed any more."""
    NOT_CALLED = "not_called"
    """Left to whoever did it before: out of the pilot."""


class TicketStatus(StrEnum):
    """Where a ticket is on its way from what went wrong to what made it good."""

    OPEN = "open"
    """Nobody has taken it on yet."""
    ACKNOWLEDGED = "acknowledged"
    """Somebody works on it; the first response is given."""
    PROPOSED = "proposed"
    """A solution was offered to the customer."""
    AGREED = "agreed"
    """The customer took the solution; it is being carried out."""
    DECLINED = "declined"
    """The customer did not take it; another one is needed."""
    RESOLVED = "resolved"
    """It is made good; the customer is still to be told, or to say that it isn't."""
    CLOSED = "closed"

    @property
    def is_settled(self) -> bool:
        """No further work is due, unless the customer says that it isn't good."""
        return self in (TicketStatus.RESOLVED, TicketStatus.CLOSED)


class TicketStep(StrEnum):
    """What is written in the ledger of a ticket."""

    OPEN = "open"
    ACKNOWLEDGE = "acknowledge"
    PROPOSE = "propose"
    AGREE = "agree"
    DECLINE = "decline"
    RESOLVE = "resolve"
    CLOSE = "close"
    REOPEN = "reopen"
    """The customer says that it isn't good yet."""
    ESCALATE = "escalate"
    TELL = "tell"
    """The customer knows the result."""
    NOTE = "note"
    """A further call or a person added something."""


class SuppressionReason(StrEnum):
    """Why a number is never called."""

    OPTED_OUT = "opted_out"
    """Its owner said so in a call."""
    WRONG_NUMBER = "wrong_number"
    COMPLAINT = "complaint"
    OPERATOR = "operator"
    """An operator entered it."""
    LISTED = "listed"
    """It came with a list of numbers not to be called."""


class WriteBackStatus(StrEnum):
    """Does dispatch know the outcome already?"""

    PENDING = "pending"
    WRITTEN = "written"


class SheetFormat(StrEnum):
    """What kind of file a manifest came in."""

    CSV = "csv"
    XLSX = "xlsx"


class TurnSpeaker(StrEnum):
    """Whose turn it was."""

    MENLING = "menling"
    CALLEE = "callee"
    AGENT = "agent"
    """A person of ours who came into the call."""
    SUPERVISOR = "supervisor"
    THIRD = "third"
    """Whom the customer was passed on to."""


class PublicationStep(StrEnum):
    """How a version of a flow came to be said."""

    PUBLISH = "publish"
    ROLL_BACK = "roll_back"
