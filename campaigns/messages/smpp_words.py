"""SMPP 3.4 in words of ours: what to submit, what a status means, what a receipt says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from campaigns.messages.fates import Again, Dead, refused
from campaigns.messages.sms_text import MOST_PARTS, Coding, SmsText, read_text, sms_text
from campaigns.settings_messages import SmppSettings
from store.message_types import DeliveryState

THROTTLED: Final = frozenset({0x58, 0x14})
"""ESME_RTHROTTLED and ESME_RMSGQFUL: slower."""
_PASSES: Final = frozenset({0x08, 0x04, 0x0D, 0x64})
"""System error, not bound, bind failed, temporary error of the receiving application."""
_MEANT: Final[Mapping[int, str]] = {
    0x01: "the message length is invalid",
    0x08: "system error of the SMS centre",
    0x0A: "sms.smpp.source is not ours",
    0x0B: "the number is invalid",
    0x0D: "the SMS centre refuses the account",
    0x0E: "sms.smpp.password is wrong",
    0x0F: "sms.smpp.system_id is wrong",
    0x14: "the queue of the SMS centre is full",
    0x45: "the SMS centre could not submit it",
    0x58: "the SMS centre asks to go slower",
}
_RECEIPT: Final = re.compile(r"\bid:(\S+).*?\bstat:(\w+)", re.IGNORECASE | re.DOTALL)
_STATES: Final[Mapping[str, DeliveryState]] = {
    "DELIVRD": DeliveryState.DELIVERED,
    "EXPIRED": DeliveryState.FAILED,
    "DELETED": DeliveryState.FAILED,
    "UNDELIV": DeliveryState.FAILED,
    "REJECTD": DeliveryState.FAILED,
}
_STATES_BY_NUMBER: Final[Mapping[int, DeliveryState]] = {
    2: DeliveryState.DELIVERED,
    3: DeliveryState.FAILED,
    4: DeliveryState.FAILED,
    5: DeliveryState.FAILED,
    8: DeliveryState.FAILED,
}
_RECEIPT_CLASS: Final = 0x3C
"""Bits 5 to 2 of esm_class (5.2.12): not 0, it is a receipt or the like."""
_UDHI: Final = 0x40
_WANTS_RECEIPT: Final = 1
_LONGEST_SHORT: Final = 254
"""Octets that short_message takes."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of an SMS that the centre had taken."""

    provider_id: str
    state: DeliveryState


@dataclass(frozen=True, slots=True)
class IncomingSms:
    """What somebody wrote to us."""

    phone: str
    """As the centre writes it."""
    text: str


def submissions(
    settings: SmppSettings, phone: str, text: str, reference: int
) -> tuple[dict[str, Any], ...]:
    """Return the fields of each submit_sm that a text needs; the last one asks for a receipt.

    `reference` (0 to 255) ties the parts of a long one. Raises ValueError when it is far too long.
    """
    encoded = sms_text(text)
    if len(encoded.parts) > MOST_PARTS:
        raise ValueError(f"{encoded.units} letters are more than {MOST_PARTS} SMS")
    number = phone.removeprefix("+")
    if settings.number_form == "national":
        number = number.removeprefix("86")
    common = {
        "source_addr_ton": 0 if settings.source.isdecimal() else 5,
        "source_addr_npi": 1 if settings.source.isdecimal() else 0,
        "source_addr": settings.source,
        "dest_addr_ton": 1 if settings.number_form == "e164" else 2,
        "dest_addr_npi": 1,
        "destination_addr": number,
        "data_coding": encoded.coding.value,
    }
    whole = len(encoded.parts) == 1 or settings.long_messages == "payload"
    if whole:
        return ({**common, **_whole(encoded), "registered_delivery": _WANTS_RECEIPT},)
    count = len(encoded.parts)
    return tuple(
        {
            **common,
            "esm_class": _UDHI,
            "short_message": bytes((5, 0, 3, reference & 255, count, number)) + part,
            "registered_delivery": _WANTS_RECEIPT if number == count else 0,
        }
        for number, part in enumerate(encoded.parts, start=1)
    )


def fate_of_status(status: int) -> Again | Dead:
    """Return what a status other than 0 means: later, or never."""
    told = f"SMPP 0x{status:08X}" + (f": {_MEANT[status]}" if status in _MEANT else "")
    if status in THROTTLED | _PASSES:
        return Again(told)
    return refused(told)


def heard(fields: Mapping[str, Any]) -> Receipt | IncomingSms | None:
    """Return what a deliver_sm says; None for what tells nothing final."""
    esm_class = fields.get("esm_class") or 0
    octets = fields.get("message_payload") or fields.get("short_message") or b""
    if esm_class & _UDHI and octets:
        octets = octets[1 + octets[0] :]
    coding = fields.get("data_coding") or Coding.GSM7.value
    if not esm_class & _RECEIPT_CLASS:
        phone = _plain(fields.get("source_addr"))
        # Short texts of centres that say nothing of their alphabet are ASCII.
        return IncomingSms(phone, read_text(octets, coding)) if phone else None
    provider_id = _plain(fields.get("receipted_message_id"))
    state = _STATES_BY_NUMBER.get(fields.get("message_state") or 0)
    found = _RECEIPT.search(octets.decode("latin-1"))
    if found is not None:
        provider_id = provider_id or found.group(1)
        state = state or _STATES.get(found.group(2).upper())
    return Receipt(provider_id, state) if provider_id and state else None


def _whole(text: SmsText) -> dict[str, Any]:
    if len(text.whole) <= _LONGEST_SHORT and len(text.parts) == 1:
        return {"short_message": text.whole}
    return {"message_payload": text.whole}


def _plain(octets: bytes | None) -> str:
    return (octets or b"").decode("latin-1").strip("\x00 ")
