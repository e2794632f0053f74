"""SMS go out over an SMS centre, one time each, and what comes back over it is heard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from campaigns.messages.fates import Again, Dead, Sent
from campaigns.messages.smpp import SmppGateway
from campaigns.messages.smpp_words import IncomingSms, Receipt
from campaigns.settings_messages import SmsSettings
from store.message_types import DeliveryState, MessageKind, MessageWhy
from store.message_values import OutgoingMessage

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
PATIENCE = 30.0

MakeGateway = Callable[..., SmppGateway]


@pytest.fixture
def make_gateway(centre) -> Iterator[MakeGateway]:
    """Makes a gateway to the centre."""
    made: list[SmppGateway] = []

    def make(timeout: float = 10.0, **more: Any) -> SmppGateway:
        settings = {"host": "127.0.0.1", "port": centre.port, "system_id": "menling",
                    "password": "secret", "source": "10690", **more}  # fmt: skip
        made.append(
            SmppGateway(
                SmsSettings.model_validate(
                    {"gateway": "smpp", "timeout_seconds": timeout, "smpp": settings}
                )
            )
        )
        return made[-1]

    yield make
    for each in made:
        each.close()


def sms(text: str = "您好") -> OutgoingMessage:
    return OutgoingMessage(MessageKind.SMS, "not_reached", "sms", "1", text, "+8613800138001")


def heard(gateway: SmppGateway) -> Receipt | IncomingSms:
    """Return what was heard next."""
    (told,) = gateway.listen(PATIENCE)
    return told


def test_a_chinese_text_is_submitted_and_its_number_kept(centre, make_gateway: MakeGateway) -> None:
    assert make_gateway().send(sms(), NOW) == Sent("m1")
    submitted = centre.submitted.get(timeout=PATIENCE)
    assert (submitted.number, submitted.coding) == ("8613800138001", 8)
    assert submitted.octets.decode("utf-16-be") == "您好"
    assert submitted.wants_receipt == 1


def test_a_latin_text_and_a_national_number(centre, make_gateway: MakeGateway) -> None:
    make_gateway(number_form="national", bind="transmitter").send(sms("Hello"), NOW)
    submitted = centre.submitted.get(timeout=PATIENCE)
    assert (submitted.number, submitted.coding, submitted.octets) == ("13800138001", 0, b"Hello")
    assert centre.binds == [0x02]


def test_a_long_text_goes_in_parts_of_which_the_last_is_told_of(
    centre, make_gateway: MakeGateway
) -> None:
    assert make_gateway().send(sms("好" * 100), NOW) == Sent("m2")
    first, second = (centre.submitted.get(timeout=PATIENCE) for _ in range(2))
    assert [each.esm_class for each in (first, second)] == [0x40, 0x40]
    assert (first.octets[:3], first.octets[4:6]) == (b"\5\0\3", b"\2\1")
    assert first.octets[3] == second.octets[3]
    text = first.octets[6:] + second.octets[6:]
    assert text.decode("utf-16-be") == "好" * 100
    assert (first.wants_receipt, second.wants_receipt) == (0, 1)


def test_a_long_text_may_go_whole(centre, make_gateway: MakeGateway) -> None:
    assert make_gateway(long_messages="payload").send(sms("好" * 200), NOW) == Sent("m1")
    assert centre.submitted.get(timeout=PATIENCE).octets.decode("utf-16-be") == "好" * 200


def test_a_text_of_more_than_ten_parts_is_refused(make_gateway: MakeGateway) -> None:
    assert isinstance(make_gateway().send(sms("好" * 700), NOW), Dead)


def test_many_are_under_way_at_once(centre, make_gateway: MakeGateway) -> None:
    gateway = make_gateway(window=5)
    with ThreadPoolExecutor(10) as pool:
        fates = list(pool.map(lambda _: gateway.send(sms(), NOW), range(20)))
    assert sorted(each.provider_id for each in fates if isinstance(each, Sent)) == sorted(
        f"m{number}" for number in range(1, 21)
    )
    assert centre.binds == [0x09], "over one connection"


def test_a_number_that_is_invalid_is_refused_for_good(centre, make_gateway: MakeGateway) -> None:
    centre.answers = [0x0B]
    fate = make_gateway().send(sms(), NOW)
    assert isinstance(fate, Dead)
    assert (fate.why, "number is invalid" in fate.error) == (MessageWhy.REFUSED, True)


def test_a_fault_of_the_centre_is_tried_again(centre, make_gateway: MakeGateway) -> None:
    centre.answers = [0x08]
    assert isinstance(make_gateway().send(sms(), NOW), Again)


def test_a_centre_that_asks_to_go_slower_gets_it_later(centre, make_gateway: MakeGateway) -> None:
    centre.answers = [0x58]
    assert make_gateway().send(sms(), NOW) == Sent("m2")
    assert centre.submitted.qsize() == 2


def test_what_was_submitted_and_not_answered_is_never_submitted_again(
    centre, make_gateway: MakeGateway
) -> None:
    centre.answers = [-1]
    fate = make_gateway(timeout=0.3).send(sms(), NOW)
    assert isinstance(fate, Dead)
    assert fate.why is MessageWhy.UNKNOWN
    assert "ask the provider" in fate.error


def test_what_was_submitted_when_the_centre_was_lost_is_unknown_and_the_next_one_goes(
    centre, make_gateway: MakeGateway
) -> None:
    centre.answers = [-2]
    gateway = make_gateway()
    fate = gateway.send(sms(), NOW)
    assert isinstance(fate, Dead)
    assert fate.why is MessageWhy.UNKNOWN
    assert isinstance(gateway.send(sms(), NOW), Sent)
    assert centre.binds == [0x09, 0x09]


def test_a_wrong_password_is_told_and_tried_again(centre, make_gateway: MakeGateway) -> None:
    fate = make_gateway(password="wrong").send(sms(), NOW)
    assert isinstance(fate, Again)
    assert "can't be reached" in fate.error
    assert centre.submitted.empty()


def test_a_centre_that_is_not_there_is_told(centre, make_gateway: MakeGateway) -> None:
    gateway = make_gateway()
    centre.close()
    assert isinstance(gateway.send(sms(), NOW), Again)


def test_a_receipt_says_what_became_of_an_sms(
    centre, make_gateway: MakeGateway, delivered: Callable[..., bytes]
) -> None:
    gateway = make_gateway()
    gateway.send(sms(), NOW)
    told = b"id:m1 sub:001 dlvrd:001 submit date:2611221200 done date:2611221201 stat:DELIVRD err:0"
    centre.deliver(delivered("8613800138001", told, esm_class=4))
    assert heard(gateway) == Receipt("m1", DeliveryState.DELIVERED)
    assert centre.heard.get(timeout=PATIENCE) == (0x80000005, 0), "it was acknowledged"


def test_what_somebody_writes_back_is_heard(
    centre, make_gateway: MakeGateway, delivered: Callable[..., bytes]
) -> None:
    gateway = make_gateway()
    gateway.send(sms(), NOW)
    centre.deliver(delivered("8613800138001", "退订".encode("utf-16-be"), coding=8))
    assert heard(gateway) == IncomingSms("8613800138001", "退订")


def test_signs_of_life_are_answered_and_given(centre, make_gateway: MakeGateway) -> None:
    gateway = make_gateway(enquire_seconds=1)
    gateway.send(sms(), NOW)
    centre.ask(0x15)
    assert centre.heard.get(timeout=PATIENCE) == (0x80000015, 0)
    assert centre.heard.get(timeout=PATIENCE) == (0x15, 0), "and one of ours after a silence"


def test_it_unbinds_when_it_is_closed(centre, make_gateway: MakeGateway) -> None:
    gateway = make_gateway()
    gateway.send(sms(), NOW)
    gateway.close()
    assert centre.heard.get(timeout=PATIENCE) == (0x06, 0)
