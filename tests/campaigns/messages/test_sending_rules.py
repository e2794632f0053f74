"""When a message is tried again, and when a target is left alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from campaigns.messages.circuit import Circuit, CircuitRules
from campaigns.messages.events import SystemEvent, is_wanted
from campaigns.messages.fates import Again, Patience, Sent, refused
from campaigns.messages.preference import likelihood, noted, preferred
from campaigns.messages.signing import is_genuine, signed_headers
from campaigns.messages.sms_text import Coding, read_text, sms_text
from campaigns.messages.wishes import is_opt_out
from store.channel_results import ChannelCounts
from store.message_types import Channel

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
SECOND = timedelta(seconds=1)
PATIENCE = Patience(5, SECOND, timedelta(seconds=6))
RULES = CircuitRules(3, timedelta(seconds=30), 10.0)


def test_each_wait_is_twice_as_long_up_to_the_longest() -> None:
    waits = [PATIENCE.wait(tries, 0.0) for tries in range(1, 6)]
    assert waits == [SECOND, 2 * SECOND, 4 * SECOND, 6 * SECOND, None]


def test_chance_shortens_a_wait_by_half_at_most() -> None:
    assert PATIENCE.wait(2, 1.0) == SECOND


def test_a_receiver_that_asks_for_more_time_gets_it() -> None:
    assert PATIENCE.wait(1, 0.5, timedelta(minutes=2)) == timedelta(minutes=2)
    assert PATIENCE.wait(1, 0.0, timedelta(days=400)) == timedelta(days=1)


def test_a_target_that_fails_again_and_again_is_left_alone_and_then_tried_out() -> None:
    circuit = Circuit()
    for _ in range(3):
        assert circuit.may_send(RULES, NOW) > 1
        circuit = circuit.after(Again("503"), RULES, NOW)
    assert circuit.may_send(RULES, NOW) == 0
    later = NOW + timedelta(seconds=31)
    assert circuit.may_send(RULES, later) == 1
    assert circuit.after(Sent(), RULES, later).may_send(RULES, later) > 1
    assert circuit.after(Again("503"), RULES, later).may_send(RULES, later) == 0


def test_a_message_that_is_refused_says_nothing_against_its_target() -> None:
    circuit = Circuit()
    for fate in (refused("400"), Again("450", is_ours=True)) * 5:
        circuit = circuit.after(fate, RULES, NOW)
    assert circuit.may_send(RULES, NOW) > 1


def test_a_target_that_names_a_time_is_left_alone_until_then() -> None:
    circuit = Circuit().after(Again("429", timedelta(seconds=7)), RULES, NOW)
    assert circuit.may_send(RULES, NOW + 6 * SECOND) == 0
    assert circuit.may_send(RULES, NOW + 7 * SECOND) == 1


def test_no_more_goes_out_in_a_second_than_is_allowed() -> None:
    circuit = Circuit().spent(RULES, 10, NOW)
    assert circuit.may_send(RULES, NOW) == 0
    assert circuit.may_send(RULES, NOW + SECOND / 2) == 5
    assert circuit.may_send(RULES, NOW + 99 * SECOND) == 10


def test_a_slow_rate_still_lets_one_through() -> None:
    slow = CircuitRules(3, SECOND, 0.5)
    circuit = Circuit().spent(slow, 1, NOW)
    assert circuit.may_send(slow, NOW + SECOND) == 0
    assert circuit.may_send(slow, NOW + 2 * SECOND) == 1


def test_the_signature_is_that_of_standard_webhooks() -> None:
    # The example of its specification.
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    headers = signed_headers([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert is_genuine([secret], headers, body, 1614265330)


def test_both_secrets_are_good_while_one_is_renewed() -> None:
    headers = signed_headers(["a" * 24, "b" * 24], "1", 1000, b"{}")
    assert is_genuine(["b" * 24], headers, b"{}", 1000)
    assert is_genuine(["a" * 24], headers, b"{}", 1000)


@pytest.mark.parametrize(
    ("secret", "body", "now"),
    [("c" * 24, b"{}", 1000), ("a" * 24, b"{ }", 1000), ("a" * 24, b"{}", 1301)],
)
def test_what_was_changed_or_is_repeated_is_not_genuine(secret: str, body: bytes, now: int) -> None:
    headers = signed_headers(["a" * 24], "1", 1000, b"{}")
    assert not is_genuine([secret], headers, body, now)
    assert not is_genuine(["a" * 24], {}, b"{}", 1000)


def test_seventy_chinese_letters_are_one_sms_and_one_more_makes_two() -> None:
    assert [len(sms_text("好" * count).parts) for count in (70, 71, 134, 135)] == [1, 2, 2, 3]
    assert sms_text("好").coding is Coding.UCS2


def test_latin_letters_are_packed_into_the_smaller_alphabet() -> None:
    assert [len(sms_text("a" * count).parts) for count in (160, 161)] == [1, 2]
    assert sms_text("€").units == 2, "an escaped letter counts twice"


def test_no_letter_is_cut_in_two() -> None:
    for text in ("好" * 66 + "😀" * 40, "a" * 152 + "€" * 40):
        encoded = sms_text(text)
        codings = {Coding.UCS2: 8, Coding.GSM7: 0}
        told = "".join(read_text(each, codings[encoded.coding]) for each in encoded.parts)
        assert told == text


@pytest.mark.parametrize("text", ["T", " t ", "TD", "ｔ", "退订", "退订。", "STOP", "“T”"])
def test_these_ask_for_no_more(text: str) -> None:
    assert is_opt_out(text)


@pytest.mark.parametrize("text", ["", "好的", "取消", "T恤到了吗", "stop by at five", "明天送"])
def test_these_do_not(text: str) -> None:
    assert not is_opt_out(text)


def test_events_are_chosen_by_name_or_kind() -> None:
    assert is_wanted(SystemEvent.OUTCOME_CORRECTED, ["outcome.*"])
    assert is_wanted(SystemEvent.NODE_LATE, ["status.push", "node.late"])
    assert not is_wanted(SystemEvent.NODE_LATE, ["outcome.*"])


BOTH = (Channel.SMS, Channel.EMAIL)


def test_without_knowledge_the_first_channel_that_may_be_used_is_taken() -> None:
    choice = preferred((), BOTH, NOW)
    assert choice is not None
    assert choice.channel is Channel.SMS
    assert preferred((), (), NOW) is None


def test_what_worked_is_preferred_and_says_why() -> None:
    counts = (ChannelCounts(Channel.SMS, 0, 6, NOW), ChannelCounts(Channel.EMAIL, 3, 0, NOW))
    choice = preferred(counts, BOTH, NOW)
    assert choice is not None
    assert choice.channel is Channel.EMAIL
    assert "worked better" in choice.why


def test_a_channel_that_is_not_allowed_is_never_taken() -> None:
    counts = (ChannelCounts(Channel.SMS, 99, 0, NOW),)
    choice = preferred(counts, (Channel.EMAIL,), NOW)
    assert choice is not None
    assert choice.channel is Channel.EMAIL


def test_what_is_long_ago_counts_less() -> None:
    counts: tuple[ChannelCounts, ...] = ()
    for _ in range(4):
        counts = (noted(counts, Channel.CALL, worked=False, now=NOW),)
    soon, later = (
        likelihood(counts, Channel.CALL, NOW + timedelta(days=days)) for days in (0, 360)
    )
    assert soon < 0.25 < 0.4 < later < 0.5
