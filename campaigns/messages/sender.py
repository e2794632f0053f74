"""Sender: the lanes to all targets of the settings, and what comes back over them."""

from __future__ import annotations

import logging
import os
import random
import secrets
import socket
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from campaigns.messages.incoming import take_incoming_sms, take_sms_receipt
from campaigns.messages.lane import Lane, LaneRules, Outside, Way
from campaigns.messages.mail import MailServer
from campaigns.messages.other_database import OtherDatabase
from campaigns.messages.quiet import QuietHours
from campaigns.messages.rules import (
    DATABASE,
    EMAIL,
    SMS,
    MessageRules,
    message_rules_of,
)
from campaigns.messages.smpp import SmppGateway
from campaigns.messages.smpp_words import IncomingSms, Receipt
from campaigns.messages.sms_http import HttpGateway
from campaigns.messages.system_way import SystemWay
from campaigns.messages.webhook import Webhook
from campaigns.settings import Settings
from store.database import Database
from store.errors import StoreError
from store.message_values import ClaimedMessage
from store.queries import campaign

log = logging.getLogger(__name__)

RECEIPTS_WAIT: Final = timedelta(minutes=5)
"""A receipt may come before it is written down that the message was taken."""
RECEIPTS_KEPT: Final = 5000


class Sender:
    """Sends what is due, again and again, until it is closed."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        rules: MessageRules,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Open nothing yet. Raises SettingsError when a target can't be used."""
        self._database = database
        self._clock = clock
        self._tell: Callable[[str], None] = log.warning
        self._rules = rules
        self._ways = ways_of(database, settings)
        self._name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._quiet = QuietHours(settings)
        self._lanes: dict[str, Lane] = {}
        self._threads: dict[str, tuple[ThreadPoolExecutor, Future[int]]] = {}
        self._receipts: list[tuple[Receipt, datetime]] = []

    def beat(self, tell: Callable[[str], None], go_on: Callable[[], bool]) -> None:
        """Let every lane send what is due, each in its thread, and take what came back.

        Waits for no lane. Raises StoreError.
        """
        self._tell = tell
        for target in self._ways:
            lane = self._lane(target)
            pool, under_way = self._threads.get(target, (None, None))
            if under_way is not None and not under_way.done():
                continue
            if under_way is not None and (fault := under_way.exception()) is not None:
                self._note(target, fault)
            pool = pool or ThreadPoolExecutor(1, f"lane {target}")
            self._threads[target] = (pool, pool.submit(lane.work, go_on))
        self.take_what_came(self._clock())

    def send_all(self) -> int:
        """Send in this thread what is due at this moment, and return how many went out."""
        return sum(self._lane(target).work(lambda: True) for target in self._ways)

    def take_what_came(self, now: datetime, seconds: float = 0.0) -> None:
        """Keep receipts, and the wishes of those who wrote back; wait so long for any.

        Raises StoreError.
        """
        gateway = self._ways.get(SMS)
        if not isinstance(gateway, SmppGateway):
            return
        gateway.stay()
        heard = gateway.listen(seconds)
        waiting = [*self._receipts, *((each, now) for each in heard if isinstance(each, Receipt))]
        written = [each for each in heard if isinstance(each, IncomingSms)]
        if not waiting and not written:
            return
        with self._database.transaction() as session:
            for each in written:
                take_incoming_sms(session, each.phone, each.text, now)
            self._receipts = [
                (receipt, came)
                for receipt, came in waiting
                if now - came < RECEIPTS_WAIT
                and not take_sms_receipt(
                    session, receipt.provider_id, receipt.state, now, learns=self._rules.learns
                )
            ][-RECEIPTS_KEPT:]

    def close(self) -> None:
        """Give all connections back, after what is under way."""
        for pool, _ in self._threads.values():
            pool.shutdown(wait=True)
        for way in self._ways.values():
            if isinstance(way, SmppGateway | OtherDatabase):
                way.close()

    def _lane(self, target: str) -> Lane:
        if target not in self._lanes:
            rules = LaneRules(self._rules.circuits[target], self._rules.patience, self._quiet_until)
            # Jitter, no secret.
            outside = Outside(self._clock, random.random, lambda text: self._tell(text))
            self._lanes[target] = Lane(
                target, self._ways[target], self._database, self._name, rules, outside
            )
        return self._lanes[target]

    def _quiet_until(self, session: Session, claim: ClaimedMessage, now: datetime) -> datetime:
        message, campaign_id = claim.message, claim.campaign_id or 0
        policy = campaign(session, campaign_id).policy if campaign_id else None
        return self._quiet.until(now, message.time_zone, message.phone, campaign_id, policy)

    def _note(self, target: str, fault: BaseException) -> None:
        if isinstance(fault, StoreError):
            log.warning("messages to %s wait: %s", target, fault)
        else:
            log.error("a fault in the lane to %s", target, exc_info=fault)


def sender_of(database: Database, settings: Settings) -> Sender | None:
    """Return the sender of these settings; None when nothing goes out. Raises SettingsError."""
    rules = message_rules_of(settings)
    return Sender(database, settings, rules) if rules.says_anything else None


def check_messages(settings: Settings) -> None:
    """See before anything starts whether messages could be written and sent.

    Raises SettingsError naming the text, the table or the key, and what to do.
    """
    message_rules_of(settings)
    if settings.sms.gateway == "http":
        HttpGateway(settings.sms)


def ways_of(database: Database, settings: Settings) -> Mapping[str, Way]:
    """Return the way to each target of the settings. Raises SettingsError."""
    ways: dict[str, Way] = {
        each.name: SystemWay(Webhook(each), database) for each in settings.webhooks
    }
    if settings.sms.gateway == "http":
        ways[SMS] = HttpGateway(settings.sms)
    elif settings.sms.gateway == "smpp":
        ways[SMS] = SmppGateway(settings.sms)
    if settings.email.host:
        ways[EMAIL] = MailServer(settings.email)
    if settings.write_back.database.url.get_secret_value():
        ways[DATABASE] = OtherDatabase(settings.write_back.database, database)
    return ways
