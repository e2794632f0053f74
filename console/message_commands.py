"""`menling messages`: what goes out beside calls, what did not, and trying each way out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from campaigns.messages.events import PersonEvent, SystemEvent
from campaigns.messages.fates import Fate, Sent
from campaigns.messages.lane import Way
from campaigns.messages.numbers import as_e164
from campaigns.messages.preference import preferred
from campaigns.messages.rules import EMAIL, SMS, message_rules_of
from campaigns.messages.sender import ways_of
from campaigns.messages.smpp import SmppGateway
from campaigns.messages.sms_text import sms_text
from campaigns.messages.telling import texts_for
from campaigns.messages.templates import Facts
from campaigns.messages.write_back_body import event_body
from campaigns.settings import Settings, SettingsError
from console.message_tables import message_table, messages_table, what_to_do
from console.running import open_store
from console.screen import complain, say, screen
from console.terminal import SettingsFile, plain_errors, settings_from
from console.web.masking import masked_phone
from store.channel_results import channel_counts
from store.errors import StoreError
from store.message_queries import MessageFilter, message_line, message_lines
from store.message_types import MessageKind, MessageStatus
from store.message_values import OutgoingMessage
from store.messages import cancel, is_unwanted, replay

messages_app = typer.Typer(
    help="Messages 消息: webhooks, SMS and e-mail that follow calls.",
    epilog="Example: menling messages list --status dead; then menling messages replay 12",
    no_args_is_help=True,
)

Number = Annotated[int, typer.Argument(help="Number of the message, from the list.")]


@messages_app.command("list", epilog="Example: menling messages list --status dead --kind sms")
def list_messages(
    status: Annotated[
        list[MessageStatus] | None, typer.Option(help="Only these; may be given several times.")
    ] = None,
    kind: Annotated[
        list[MessageKind] | None, typer.Option(help="Only these; may be given several times.")
    ] = None,
    target: Annotated[str, typer.Option(help="Only those to this webhook or gateway.")] = "",
    event: Annotated[str, typer.Option(help="Only those about this.")] = "",
    contact: Annotated[int | None, typer.Option(help="Only those of this contact.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="So many at most.")] = 50,
    settings: SettingsFile = None,
) -> None:
    """List messages, the newest first; without --status those that wait or are dead."""
    with plain_errors():
        database = open_store(settings_from(settings))
        try:
            chosen = status or [MessageStatus.PENDING, MessageStatus.DEAD]
            wanted = MessageFilter(chosen, kind or (), event, target, contact, limit)
            with database.reading() as session:
                found = message_lines(session, wanted)
        finally:
            database.close()
    screen.print(messages_table(found))
    dead = [each for each in found if each.status is MessageStatus.DEAD]
    say(f"{len(found)} messages, {len(dead)} of them dead.")
    for why in sorted({each.why for each in dead}):
        say(f"  {why}: {what_to_do(why)}")


@messages_app.command(epilog="Example: menling messages show 12")
def show(number: Number, settings: SettingsFile = None) -> None:
    """Show one message: what it says, what became of it, and what to do."""
    with plain_errors():
        database = open_store(settings_from(settings))
        try:
            with database.reading() as session:
                line = message_line(session, number)
        finally:
            database.close()
    screen.print(message_table(line))


@messages_app.command("replay", epilog="Example: menling messages replay 12 13")
def replay_messages(
    numbers: Annotated[list[int] | None, typer.Argument(help="Numbers of messages.")] = None,
    target: Annotated[str, typer.Option(help="All dead ones to this target.")] = "",
    settings: SettingsFile = None,
) -> None:
    """Try dead messages again from the beginning, under the same keys; others stay as they are."""
    with plain_errors():
        if not numbers and not target:
            raise StoreError("Name messages, or all dead ones of a target by --target")
        database = open_store(settings_from(settings))
        try:
            with database.transaction() as session:
                ids = list(numbers or ())
                if target:
                    dead = MessageFilter([MessageStatus.DEAD], target=target, limit=100_000)
                    ids += [each.id for each in message_lines(session, dead)]
                again = replay(session, ids, datetime.now(UTC))
        finally:
            database.close()
    say(f"{again} of {len(set(ids))} are tried again by `menling serve`.")


@messages_app.command("cancel", epilog="Example: menling messages cancel 12")
def cancel_message(number: Number, settings: SettingsFile = None) -> None:
    """Don't send a message; what a sender holds at this moment may still go out."""
    with plain_errors():
        database = open_store(settings_from(settings))
        try:
            with database.transaction() as session:
                cancelled = cancel(session, number)
        finally:
            database.close()
    if not cancelled:
        complain(f"Message {number} went out, or is cancelled already: menling messages show")
        raise typer.Exit(1)
    say(f"Message {number} is not sent.")


@messages_app.command(epilog="Example: menling messages preview not_reached --language zh-CN")
def preview(
    event: Annotated[PersonEvent, typer.Argument(help="What it is about.")],
    language: Annotated[str, typer.Option(help="zh-CN or en-US.")] = "zh-CN",
    settings: SettingsFile = None,
) -> None:
    """Show what recipients read about an event, with an invented parcel, and how long it is."""
    with plain_errors():
        chosen = settings_from(settings)
        texts = texts_for(message_rules_of(chosen), language)
        facts = _invented(chosen)
        if event in texts.sms:
            told = texts.render(event, MessageKind.SMS, facts)
            encoded = sms_text(told.text)
            say("SMS", "bold")
            say(told.text)
            say(f"{encoded.units} of {encoded.coding.name}, {len(encoded.parts)} SMS")
        if event in texts.emails:
            told = texts.render(event, MessageKind.EMAIL, facts)
            say(f"E-mail: {told.subject}", "bold")
            say(told.text)


@messages_app.command("test-webhook", epilog="Example: menling messages test-webhook tms")
def try_webhook(
    name: Annotated[str, typer.Argument(help="Name of the webhook in the settings.")],
    settings: SettingsFile = None,
) -> None:
    """Send a signed test event to a webhook now; status 0 when it takes it."""
    now = datetime.now(UTC)
    body = event_body(SystemEvent.TEST, now, {})
    message = OutgoingMessage(MessageKind.WEBHOOK, SystemEvent.TEST, name, _key(now), body)
    _try(message, settings)


@messages_app.command("test-sms", epilog="Example: menling messages test-sms +8613800138000")
def try_sms(
    number: Annotated[str, typer.Argument(help="Number with country code.")],
    language: Annotated[str, typer.Option(help="zh-CN or en-US.")] = "zh-CN",
    settings: SettingsFile = None,
) -> None:
    """Send a test SMS now; a number that opted out gets none."""
    with plain_errors():
        phone = _phone(number)
    _try_person(MessageKind.SMS, SMS, phone, phone, language, settings)


@messages_app.command("test-email", epilog="Example: menling messages test-email me@example.cn")
def try_email(
    address: Annotated[str, typer.Argument(help="E-mail address.")],
    language: Annotated[str, typer.Option(help="zh-CN or en-US.")] = "zh-CN",
    settings: SettingsFile = None,
) -> None:
    """Send a test e-mail now."""
    _try_person(MessageKind.EMAIL, EMAIL, address, "", language, settings)


@messages_app.command(epilog="Example: menling messages channel +8613800138000")
def channel(
    number: Annotated[str, typer.Argument(help="Number with country code.")],
    settings: SettingsFile = None,
) -> None:
    """Explain by which way somebody is written to, and what worked with them before."""
    with plain_errors():
        chosen = settings_from(settings)
        rules = message_rules_of(chosen)
        phone = _phone(number)
        database = open_store(chosen)
        try:
            with database.reading() as session:
                counts = channel_counts(session, phone)
                unwanted = is_unwanted(session, phone)
        finally:
            database.close()
    say(masked_phone(phone))
    for each in counts:
        say(f"  {each.channel}: worked {each.worked:.1f}, failed {each.failed:.1f} ({each.at:%F})")
    if unwanted:
        say("Nothing is sent: the number is on the do-not-call list.", "yellow")
        return
    choice = preferred(counts if rules.learns else (), rules.channels, datetime.now(UTC))
    if choice is None:
        say("Nothing is sent: sms.gateway and email.host are not set.", "yellow")
    else:
        say(f"→ {choice.channel}: {choice.why}")


def _try_person(
    kind: MessageKind,
    target: str,
    address: str,
    phone: str,
    language: str,
    settings: SettingsFile,
) -> None:
    now = datetime.now(UTC)
    with plain_errors():
        chosen = settings_from(settings)
        texts = texts_for(message_rules_of(chosen), language)
        told = texts.render(PersonEvent.TEST, kind, Facts(company=chosen.campaign.company))
    message = OutgoingMessage(
        kind,
        PersonEvent.TEST,
        target,
        _key(now),
        told.text,
        address,
        told.subject,
        phone=phone,
        language=language,
    )
    _try(message, settings)


def _try(message: OutgoingMessage, settings: SettingsFile) -> None:
    """Send a message past the outbox, and say what came of it."""
    with plain_errors():
        chosen = settings_from(settings)
        message_rules_of(chosen)
        database = open_store(chosen)
        try:
            way = _way(ways_of(database, chosen), message.target)
            with database.reading() as session:
                if is_unwanted(session, message.phone):
                    raise StoreError("The number is on the do-not-call list; nothing is sent to it")
            fate = way.send(message, datetime.now(UTC))
            if isinstance(way, SmppGateway):
                way.close()
        finally:
            database.close()
    _tell(fate)


def _way(ways: Mapping[str, Way], target: str) -> Way:
    if target not in ways:
        what = {
            SMS: "set sms.gateway to http or smpp",
            EMAIL: "set email.host and email.sender",
        }.get(target, f"there is no webhook {target} in the settings")
        raise SettingsError(f"Nothing can be sent: {what} (docs/messages.md)")
    return ways[target]


def _tell(fate: Fate) -> None:
    if isinstance(fate, Sent):
        said = f", number {fate.provider_id}" if fate.provider_id else ""
        say(f"Taken{said}.", "green")
        if fate.conflict:
            say(f"It objects: {fate.conflict}")
        return
    complain(fate.error)
    raise typer.Exit(1)


def _phone(number: str) -> str:
    phone = as_e164(number)
    if phone is None:
        raise StoreError(f"{number} is no telephone number; write it like +8613800138000")
    return phone


def _key(now: datetime) -> str:
    return f"test-{now:%Y%m%d%H%M%S%f}"


def _invented(settings: Settings) -> Facts:
    zone = settings.campaign.window.zone
    day = datetime.now(zone).replace(hour=14, minute=0, second=0, microsecond=0)
    tomorrow = day + timedelta(days=1)
    return Facts(
        company=settings.campaign.company,
        name="王芳",
        waybills=("SD0000001234",),
        window_start=day,
        window_end=day + timedelta(hours=2),
        new_window_start=tomorrow,
        new_window_end=tomorrow + timedelta(hours=2),
        callback_number=settings.campaign.callback_number or "95300",
        callback_by=day,
        time_zone=settings.campaign.time_zone,
    )
