"""Messages go out by HTTP and by mail, and what the other side says decides what follows."""

from __future__ import annotations

import asyncio
import json
import socket
from asyncio.sslproto import SSLProtocol
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import ValidationError

from campaigns.messages.fates import Again, Dead, Sent
from campaigns.messages.mail import MailServer
from campaigns.messages.signing import is_genuine
from campaigns.messages.sms_http import HttpGateway
from campaigns.messages.webhook import Webhook
from campaigns.settings import SettingsError
from campaigns.settings_messages import EmailSettings, SmsSettings, WebhookSettings
from store.message_types import MessageKind, MessageWhy
from store.message_values import OutgoingMessage

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
SECRET = "a-secret-of-24-characters-or-more"
NOBODY = "http://127.0.0.1:1/"


def hook(url: str) -> Webhook:
    return Webhook(WebhookSettings(name="tms", url=url, secrets=(SECRET,)))  # type: ignore[arg-type]


def told(body: str = '{"version":1}') -> OutgoingMessage:
    return OutgoingMessage(MessageKind.WEBHOOK, "outcome.recorded", "tms", "outcome-7-tms-1", body)


def sms(text: str = '您好 "王"\n&') -> OutgoingMessage:
    return OutgoingMessage(
        MessageKind.SMS, "not_reached", "sms", "outcome-7-sms-x", text, "+8613800138001"
    )


def gateway(url: str, **http: Any) -> HttpGateway:
    return HttpGateway(
        SmsSettings.model_validate(
            {
                "gateway": "http",
                "timeout_seconds": 0.5,
                "secrets": {"key": "s3cret"},
                "http": {"url": url, **http},
            }
        )
    )


def test_a_webhook_is_signed_and_carries_its_key(receiver) -> None:
    assert hook(receiver.url).send(told(), NOW) == Sent()
    (request,) = receiver.requests
    assert (request.method, request.path) == ("POST", "/menling")
    assert request.headers["webhook-id"] == request.headers["idempotency-key"] == "outcome-7-tms-1"
    assert is_genuine([SECRET], request.headers, request.body, int(NOW.timestamp()))


@pytest.mark.parametrize("status", [400, 404, 410, 413, 422])
def test_what_a_receiver_refuses_is_not_repeated(receiver, status: int) -> None:
    receiver.answers = [(status, {}, b"")]
    fate = hook(receiver.url).send(told(), NOW)
    assert isinstance(fate, Dead)
    assert fate.why is MessageWhy.REFUSED


@pytest.mark.parametrize("status", [401, 408, 429, 500, 503])
def test_what_a_receiver_cannot_take_now_is_tried_again(receiver, status: int) -> None:
    receiver.answers = [(status, {"Retry-After": "90"}, b"")]
    assert hook(receiver.url).send(told(), NOW) == Again(f"HTTP {status}", timedelta(seconds=90))


def test_a_date_to_come_back_is_understood(receiver) -> None:
    receiver.answers = [(503, {"Retry-After": "Sun, 22 Nov 2026 04:02:00 GMT"}, b"")]
    fate = hook(receiver.url).send(told(), NOW)
    assert isinstance(fate, Again)
    assert fate.after == timedelta(minutes=2)


def test_a_redirect_is_not_followed(receiver) -> None:
    receiver.answers = [(302, {"Location": receiver.url + "/elsewhere"}, b"")]
    assert isinstance(hook(receiver.url).send(told(), NOW), Again)
    assert len(receiver.requests) == 1


def test_an_objection_is_kept_with_the_message(receiver) -> None:
    receiver.answers = [(409, {}, '{"conflict": "truck_left", "detail": "车已发出"}'.encode())]
    fate = hook(receiver.url).send(told(), NOW)
    assert isinstance(fate, Sent)
    assert json.loads(fate.conflict) == {"conflict": "truck_left", "detail": "车已发出"}


def test_a_409_that_names_no_conflict_is_a_refusal(receiver) -> None:
    receiver.answers = [(409, {}, b"[]")]
    assert isinstance(hook(receiver.url).send(told(), NOW), Dead)


def test_nobody_there_is_told_and_tried_again() -> None:
    fate = hook(NOBODY).send(told(), NOW)
    assert isinstance(fate, Again)
    assert "can't be reached" in fate.error


@pytest.mark.parametrize(
    ("url", "secret", "said"),
    [
        ("http://tms.example.com/", SECRET, "use https"),
        ("https://user:pw@tms.example.com/", SECRET, "out of the address"),
        ("tms.example.com", SECRET, "write an address"),
        ("https://tms.example.com/", "short", "24 characters"),
    ],
)
def test_an_unsafe_webhook_is_refused_by_the_settings(url: str, secret: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        WebhookSettings(name="tms", url=url, secrets=(secret,))  # type: ignore[arg-type]


def test_an_sms_is_filled_into_json_as_json_asks(receiver) -> None:
    receiver.answers = [(200, {}, b'{"code": 0, "msgId": 4711}')]
    assert gateway(receiver.url).send(sms(), NOW) == Sent("4711")
    assert json.loads(receiver.requests[0].body) == {
        "phone": "13800138001", "content": '您好 "王"\n&', "id": "outcome-7-sms-x",
    }  # fmt: skip


def test_an_sms_is_filled_into_a_form_or_an_address(receiver) -> None:
    receiver.answers = [(200, {}, b"OK")]
    form = {"Content-Type": "application/x-www-form-urlencoded", "X-Key": "{secret:key}"}
    way = gateway(receiver.url, headers=form, body="m={phone}&t={text}", ok_field="", id_field="x")
    assert way.send(sms(), NOW) == Sent("")
    by_address = gateway(receiver.url + "?m={national}&t={text}&k={secret:key}", method="GET",
                         ok_field="", id_field="x")  # fmt: skip
    assert by_address.send(sms(), NOW) == Sent("")
    first, second = receiver.requests
    assert parse_qs(first.body.decode()) == {"m": ["+8613800138001"], "t": ['您好 "王"\n&']}
    assert first.headers["x-key"] == "s3cret"
    assert parse_qs(urlsplit(second.path).query) == {
        "m": ["13800138001"], "t": ['您好 "王"\n&'], "k": ["s3cret"],
    }  # fmt: skip


def test_what_the_gateway_says_decides(receiver) -> None:
    way = gateway(receiver.url, ok_field="result.0.code", retry_values=("busy",))
    receiver.answers = [
        (200, {}, b'{"result": [{"code": "busy"}]}'),
        (200, {}, b'{"result": [{"code": "blacklist"}]}'),
        (200, {}, b"<html>"),
    ]
    assert isinstance(way.send(sms(), NOW), Again)
    assert way.send(sms(), NOW) == Dead(
        MessageWhy.REFUSED, "the gateway says blacklist in result.0.code"
    )
    assert isinstance(way.send(sms(), NOW), Dead)


def test_an_sms_without_an_answer_is_repeated_only_where_that_is_safe(receiver) -> None:
    receiver.silent.set()
    fate = gateway(receiver.url).send(sms(), NOW)
    assert isinstance(fate, Dead)
    assert fate.why is MessageWhy.UNKNOWN
    assert isinstance(gateway(receiver.url, repeats_safely=True).send(sms(), NOW), Again)


def test_an_sms_that_never_left_is_repeated() -> None:
    assert isinstance(gateway(NOBODY).send(sms(), NOW), Again)


def test_a_secret_that_is_spoken_of_must_be_there(receiver) -> None:
    with pytest.raises(SettingsError, match="MENLING_SMS__SECRETS__TOKEN"):
        gateway(receiver.url, body="{secret:token}")


def mail_to(address: str = "anna@example.cn") -> OutgoingMessage:
    return OutgoingMessage(
        MessageKind.EMAIL, "not_reached", "email", "outcome-7-email-x", "您好！\n\n<快件>在路上",
        address, "您的快件", language="zh-CN",
    )  # fmt: skip


def server(mailbox, password: str = "secret", **more: Any) -> MailServer:
    return MailServer(
        EmailSettings.model_validate(
            {
                "host": "127.0.0.1", "port": mailbox.port, "ca_file": mailbox.ca_file,
                "user": "menling", "password": password, "sender": "顺达快递 <no-reply@example.cn>",
                **more,
            }
        )
    )  # fmt: skip


def test_a_mail_goes_out_encrypted_as_text_and_html_with_a_way_out(mailbox) -> None:
    fate = server(mailbox).send(mail_to(), NOW)
    assert fate == Sent("<outcome-7-email-x@example.cn>")
    (mail,) = mailbox.server.mails
    assert (mail["To"], mail["Subject"]) == ("anna@example.cn", "您的快件")
    assert mail["List-Unsubscribe"] == "<mailto:no-reply@example.cn?subject=unsubscribe>"
    text, html = mail.iter_parts()
    assert text.get_content().splitlines() == ["您好！", "", "<快件>在路上"]
    assert "&lt;快件&gt;在路上</p>" in html.get_content()


def test_one_click_is_offered_where_an_address_takes_it(mailbox) -> None:
    server(mailbox, unsubscribe="https://example.cn/out").send(mail_to(), NOW)
    (mail,) = mailbox.server.mails
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_an_address_that_is_refused_for_good_is_not_repeated(mailbox) -> None:
    mailbox.server.refuses = {"gone@example.cn": "550 no such user", "full@example.cn": "452 full"}
    assert isinstance(server(mailbox).send(mail_to("gone@example.cn"), NOW), Dead)
    later = server(mailbox).send(mail_to("full@example.cn"), NOW)
    assert isinstance(later, Again)
    assert later.is_ours


def test_a_wrong_password_waits_for_somebody_to_put_it_right(mailbox) -> None:
    fate = server(mailbox, "wrong").send(mail_to(), NOW)
    assert isinstance(fate, Again)
    assert "email.user" in fate.error


def test_a_server_whose_certificate_is_not_good_gets_nothing(mailbox) -> None:
    assert isinstance(server(mailbox, ca_file=None).send(mail_to(), NOW), Again)
    assert mailbox.server.mails == []


@pytest.mark.parametrize(
    "otherwise", [{}, {"password": "wrong"}, {"ca_file": None}], ids=["sent", "password", "ca"]
)
def test_no_socket_stays_open_when_the_server_was_spoken_to(
    mailbox, monkeypatch, otherwise: dict[str, Any]
) -> None:
    def never_says_goodbye(protocol: SSLProtocol) -> None:
        """As a server that is slow to answer the end of TLS: the client's loop ends before."""

    opened: list[socket.socket] = []
    connect = asyncio.SelectorEventLoop.sock_connect

    async def kept(loop: Any, sock: socket.socket, to: Any) -> None:
        opened.append(sock)
        await connect(loop, sock, to)

    monkeypatch.setattr(asyncio.SelectorEventLoop, "sock_connect", kept)
    monkeypatch.setattr(SSLProtocol, "_do_shutdown", never_says_goodbye)
    server(mailbox, **otherwise).send(mail_to(), NOW)
    monkeypatch.undo()
    left = [each for each in opened if each.fileno() != -1]
    for each in left:
        each.close()
    assert opened
    assert left == []


@pytest.mark.parametrize("address", ["", "anna", "a@b.cn, c@d.cn", "a@b.cn\r\nBcc: c@d.cn"])
def test_what_is_no_address_is_refused(mailbox, address: str) -> None:
    assert isinstance(server(mailbox).send(mail_to(address), NOW), Dead)
    assert mailbox.server.mails == []
