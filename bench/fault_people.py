"""The people whom engines call while faults are tried, and what the store says of their calls."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from store.database import Database
from store.models import Attempt, Contact, Delivery, Recipient
from store.queries import create_campaign, set_campaign_status
from store.types import AttemptStatus, CampaignStatus, ContactStatus
from store.values import CampaignFacts


class People:
    """All who are in a store, in campaigns that run."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        self._url = url
        self._people = 0

    def invite(self, people: int) -> None:
        """Write a campaign for so many more people, which runs."""
        now = datetime.now(UTC)
        with self.database.transaction() as session:
            made = create_campaign(
                session,
                name=f"faults {self._people}",
                flow="pre-delivery",
                company="顺达快递",
                now=now,
            )
            session.add_all(
                _person(made, number, now)
                for number in range(self._people + 1, self._people + people + 1)
            )
            set_campaign_status(session, made.id, CampaignStatus.RUNNING, now)
        self._people += people

    def keep_busy(self, people: int) -> None:
        """See to it that so many wait."""
        with self.database.reading() as session:
            waiting = session.scalar(
                sa.select(sa.func.count(Contact.id)).where(
                    Contact.status == ContactStatus.WAITING, Contact.next_call_at.is_(None)
                )
            )
        if (waiting or 0) < people:
            self.invite(2 * people)

    def settled(self) -> int:
        """Return how many attempts are settled."""
        return self._count(Attempt.status == AttemptStatus.SETTLED)

    def open_attempts(self) -> int:
        """Return how many attempts nobody has settled."""
        return self._count(Attempt.status != AttemptStatus.SETTLED)

    def held_by(self, pid: int) -> int:
        """Return how many attempts the engine in that process has open."""
        return self._count(
            Attempt.status != AttemptStatus.SETTLED, Attempt.claimed_by.like(f"%-{pid}-%")
        )

    def can_be_written(self) -> bool:
        """Say whether nobody holds a SQLite file for long; a server looks after that itself."""
        if self.database.is_server:
            return True
        locks = sqlite3.connect(self._url.removeprefix("sqlite:///"), timeout=2)
        try:
            locks.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        finally:
            locks.close()
        return True

    def stop_calling(self) -> None:
        """Pause all campaigns, so that nobody is called any more."""
        now = datetime.now(UTC)
        with self.database.transaction() as session:
            for campaign_id in session.scalars(
                sa.text("SELECT id FROM campaigns WHERE status = 'running'")
            ).all():
                set_campaign_status(session, campaign_id, CampaignStatus.PAUSED, now)

    def _count(self, *wanted: sa.ColumnElement[bool]) -> int:
        with self.database.reading() as session:
            return session.scalar(sa.select(sa.func.count(Attempt.id)).where(*wanted)) or 0


def _person(campaign: CampaignFacts, number: int, now: datetime) -> Contact:
    """Return one of the people: what is said to all of them is the same, and synthesised once."""
    phone = f"+86138{number:08}"
    due = now.replace(hour=4, minute=0, second=0, microsecond=0) + timedelta(days=2)
    contact = Contact(
        campaign_id=campaign.id,
        recipient=Recipient(name="王小明", phone=phone),
        phone=phone,
        language=campaign.language,
        time_zone="Asia/Shanghai",
        useful_until=due + timedelta(hours=2),
    )
    contact.deliveries.append(
        Delivery(
            campaign_id=campaign.id,
            waybill=f"SD{number:08}0001",
            address="幸福路1号",
            window_start=due,
            window_end=due + timedelta(hours=2),
        )
    )
    return contact
