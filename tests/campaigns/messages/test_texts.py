"""What recipients read is data, and wrong data is told before anything starts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from campaigns.messages.companions import companions_of
from campaigns.messages.events import PersonEvent
from campaigns.messages.rules import message_rules_of
from campaigns.messages.sms_text import sms_text
from campaigns.messages.templates import Facts, texts_of
from campaigns.settings import Settings, SettingsError, load_settings
from store.message_types import Channel, MessageKind
from store.types import Disposition, Outcome

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
HOURS = timedelta(hours=2)
FACTS = Facts(
    company="顺达快递", name="王", waybills=("SD20261122",), window_start=NOW,
    window_end=NOW + HOURS, new_window_start=NOW, new_window_end=NOW + HOURS,
    callback_number="95300", callback_by=NOW,
)  # fmt: skip

Written = Callable[[str], Path]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Writes a file of one's own."""

    def write(text: str) -> Path:
        path = tmp_path / "own.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_an_sms_is_signed_short_and_offers_a_way_out() -> None:
    rendered = texts_of()["zh-CN"].render(PersonEvent.NOT_REACHED, MessageKind.SMS, FACTS)
    assert rendered.text == (
        "【顺达快递】您的快件(尾号1122)预计11月22日14:00-16:00送达，电话未能联系上您，"
        "请留意来电，可致电95300。回T退订"
    )


@pytest.mark.parametrize("event", list(PersonEvent))
def test_every_chinese_sms_is_one_sms(event: PersonEvent) -> None:
    rendered = texts_of()["zh-CN"].render(event, MessageKind.SMS, FACTS)
    assert len(sms_text(rendered.text).parts) == 1
    assert rendered.text.startswith("【顺达快递】")
    assert rendered.text.endswith("回T退订")


def test_every_event_has_its_texts_in_both_languages() -> None:
    chinese, english = texts_of().values()
    assert set(chinese.sms) == set(english.sms) == set(PersonEvent)
    assert (
        set(chinese.emails) == set(english.emails) == set(PersonEvent) - {PersonEvent.BEFORE_CALL}
    )


def test_several_parcels_no_window_and_no_number_are_spoken_of_as_such() -> None:
    facts = Facts(company="顺达快递", waybills=("SD0001", "SD0002"))
    rendered = texts_of()["zh-CN"].render(PersonEvent.TOO_LATE, MessageKind.SMS, facts)
    assert rendered.text == "【顺达快递】您的2件快递(尾号0001等)即将送达，请留意快递员来电。回T退订"


def test_times_are_those_of_the_recipient() -> None:
    facts = Facts(company="SD", waybills=("A1",), window_start=NOW, time_zone="Europe/Berlin")
    rendered = texts_of()["en-US"].render(PersonEvent.TOO_LATE, MessageKind.EMAIL, facts)
    assert rendered.subject == "Your parcel (ends A1) is due 11/22 07:00"


def test_a_name_cannot_end_a_subject(written: Written) -> None:
    own = written("zh-CN: {events: {test: {sms: 好, subject: '{name}', email: 好}}}")
    facts = Facts(company="SD", name="王\r\nBcc: x@y.z")
    rendered = texts_of(own)["zh-CN"].render(PersonEvent.TEST, MessageKind.EMAIL, facts)
    assert rendered.subject == "王 Bcc: x@y.z"


def test_ones_own_text_replaces_one_and_leaves_the_others(written: Written) -> None:
    own = texts_of(written("zh-CN: {opt_out: '', events: {test: {sms: '{company}您好'}}}"))["zh-CN"]
    rendered = own.render(PersonEvent.TEST, MessageKind.SMS, FACTS)
    assert rendered.text == "【顺达快递】顺达快递您好"
    assert PersonEvent.NOT_REACHED in own.sms


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("zh-CN: {events: {test: {sms: '{phone}'}}}", r"events.test.sms: there is no \{phone\}"),
        ("zh-CN: {events: {test: {sms: '{company'}}}", "events.test.sms"),
        ("zh-CN: {events: {greeting: {sms: 好}}}", "events.greeting: there is no such event"),
        ("zh-CN: {events: {test: {fax: 好}}}", "write sms, subject or email"),
        ("zh-CN: {events: {before_call: {sms: 好, email: 好}}}", "needs subject and email"),
        ("zh-CN: {signature: ''}", "signature: write a text"),
        ("zh-CN: {phrases: {moment: '{year}'}}", r"there is no \{year\}"),
        ("de-DE: {}", "de-DE is none of"),
        ("[", "can't be read"),
    ],
)
def test_a_wrong_text_is_named_before_anything_starts(
    written: Written, text: str, said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        texts_of(written(text))


def after(disposition: str, outcome: str, *, final: bool = True, flow: str = "pre-delivery"):
    words = (Disposition(disposition), Outcome(outcome))
    found = companions_of().after(words, final=final, flow=flow)
    return None if found is None else found.event.value


def test_a_message_that_was_left_is_written_as_well() -> None:
    assert after("voicemail", "message_left") == "message_left"
    assert after("assistant", "message_left", final=False) == "message_left"


def test_who_was_not_reached_at_last_is_written_to() -> None:
    assert after("no_answer", "not_reached") == "not_reached"
    assert after("no_answer", "not_reached", final=False) is None


def test_who_could_not_be_called_in_time_is_written_to() -> None:
    assert after("expired", "expired") == "too_late"


def test_what_was_agreed_is_confirmed_whatever_the_conversation() -> None:
    assert after("completed", "rescheduled", flow="at-the-door") == "rescheduled"


def test_what_went_wrong_is_written_where_the_call_reached_nobody() -> None:
    assert after("no_answer", "not_reached", flow="exception") == "exception"


@pytest.mark.parametrize(
    ("disposition", "outcome"),
    [
        ("completed", "opted_out"), ("completed", "wrong_number"), ("suppressed", "suppressed"),
        ("withdrawn", "withdrawn"), ("out_of_scope", "not_called"), ("abandoned", "unfinished"),
        ("invalid_number", "not_reached"), ("interrupted", "unknown"), ("completed", "confirmed"),
    ],
)  # fmt: skip
def test_after_these_nothing_is_written(disposition: str, outcome: str) -> None:
    assert after(disposition, outcome) is None


def test_a_survey_that_reached_nobody_is_left_at_that() -> None:
    assert after("no_answer", "not_reached", flow="survey") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rows: [{outcome: [gone], channels: []}]", "row 1: outcome"),
        ("rows: [{outcome: expired, channels: []}]", "as a list"),
        ("rows: [{outcome: [expired]}]", "channels is missing"),
        ("rows: [{event: hello, channels: [sms]}]", "event hello is unknown"),
        ("rows: [{event: test, channels: [call]}]", "retry tables"),
        ("rows: [{colour: red, channels: []}]", "there is no colour"),
        ("rows: 1", "a list"),
    ],
)
def test_a_wrong_row_is_named(written: Written, text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        companions_of(written(text))


def test_a_row_that_asks_for_a_text_that_is_not_there_is_told(written: Written) -> None:
    path = written("rows: [{event: before_call, channels: [email]}]")
    messages = load_settings().messages.model_copy(update={"companions_file": path})
    with pytest.raises(SettingsError, match="no email text for before_call"):
        message_rules_of(load_settings().model_copy(update={"messages": messages}))


def test_nothing_goes_out_unless_something_is_configured() -> None:
    assert not message_rules_of(load_settings()).says_anything
    sms = {"gateway": "smpp", "smpp": {"host": "127.0.0.1", "system_id": "m"}}
    assert message_rules_of(Settings.model_validate({"sms": sms})).channels == (Channel.SMS,)


def test_two_webhooks_of_one_name_are_refused() -> None:
    hook = {"name": "tms", "url": "http://127.0.0.1/", "secrets": ["x" * 24]}
    with pytest.raises(SettingsError, match="name tms is taken"):
        message_rules_of(Settings.model_validate({"webhooks": [hook, hook]}))
