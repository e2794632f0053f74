"""E-mail by SMTP: text and HTML, with a way out in its header (RFC 2369, RFC 8058)."""

from __future__ import annotations

import asyncio
import ssl
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP as WITH_CRLF
from email.utils import format_datetime, parseaddr
from html import escape

import aiosmtplib

from campaigns.messages.fates import Again, Fate, Sent, refused
from campaigns.settings_messages import EmailSettings
from store.message_values import OutgoingMessage


class MailServer:
    """The server that takes our mail. What it left unanswered is sent again under the same
    Message-ID, as RFC 5321 (4.5.4.1) has it."""

    once_only = False
    parallel = 2

    def __init__(self, settings: EmailSettings) -> None:
        self._settings = settings

    def send(self, message: OutgoingMessage, now: datetime) -> Fate:
        """Hand an e-mail to the server."""
        if "@" not in message.address or any(each in message.address for each in "\r\n,"):
            return refused("this is no e-mail address")
        try:
            asyncio.run(self._hand_over(written(message, self._settings, now), message.address))
        except aiosmtplib.SMTPAuthenticationError as error:
            return Again(f"{error.code}: the server does not know us; see email.user and password")
        except aiosmtplib.SMTPRecipientsRefused as error:
            codes = [each.code for each in error.recipients]
            return _fate(codes[0] if codes else 550, "the address is refused", is_ours=True)
        except aiosmtplib.SMTPResponseException as error:
            return _fate(error.code, "the server refuses it", is_ours=False)
        except (aiosmtplib.SMTPException, OSError) as error:
            return Again(f"{self._settings.host} can't be spoken to: {type(error).__name__}")
        return Sent(_message_id(message, self._settings))

    async def _hand_over(self, mail: EmailMessage, address: str) -> None:
        settings = self._settings
        encrypted = settings.security != "none"
        context = None
        if encrypted:
            context = ssl.create_default_context(
                cafile=None if settings.ca_file is None else str(settings.ca_file)
            )
        password = settings.password.get_secret_value()
        client = _Client(
            hostname=settings.host,
            port=settings.port,
            username=settings.user or None,
            password=password if settings.user else None,
            use_tls=settings.security == "tls",
            start_tls=settings.security == "starttls",
            tls_context=context,
            timeout=settings.timeout_seconds,
        )
        async with client:
            await client.send_message(
                mail, sender=parseaddr(settings.sender)[1], recipients=[address]
            )


class _Client(aiosmtplib.SMTP):
    """Lets go of its socket when it closes. Over TLS the library's waits for the server's goodbye,
    and the loop ends before that: the socket would stay open until it is collected."""

    def close(self) -> None:
        """Say goodbye, and wait for none."""
        transport = self.transport
        super().close()
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()


def written(message: OutgoingMessage, settings: EmailSettings, now: datetime) -> EmailMessage:
    """Return the e-mail: text, the same as HTML, and how to get no more of them."""
    mail = EmailMessage(policy=WITH_CRLF)
    mail["From"] = settings.sender
    mail["To"] = message.address
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = _message_id(message, settings)
    mail["Auto-Submitted"] = "auto-generated"
    way_out = settings.unsubscribe or f"mailto:{parseaddr(settings.sender)[1]}?subject=unsubscribe"
    mail["List-Unsubscribe"] = f"<{way_out}>"
    if way_out.startswith("https:"):
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(message.body)
    mail.add_alternative(_as_html(message), subtype="html")
    return mail


def _as_html(message: OutgoingMessage) -> str:
    paragraphs = (escape(each).replace("\n", "<br>") for each in message.body.strip().split("\n\n"))
    body = "".join(f"<p>{each}</p>\n" for each in paragraphs)
    return (
        f'<!doctype html>\n<html lang="{escape(message.language or "zh-CN")}">\n'
        f"<head><title>{escape(message.subject)}</title></head>\n<body>\n{body}</body>\n</html>\n"
    )


def _message_id(message: OutgoingMessage, settings: EmailSettings) -> str:
    domain = parseaddr(settings.sender)[1].rpartition("@")[2]
    return f"<{message.idempotency_key}@{domain}>"


def _fate(code: int, what: str, *, is_ours: bool) -> Fate:
    """4yz replies pass, 5yz ones stay (RFC 5321, 4.2.1)."""
    told = f"SMTP {code}: {what}"
    return Again(told, is_ours=is_ours) if 400 <= code < 500 else refused(told)
