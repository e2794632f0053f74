"""Whatever engines do, in whatever order, and whenever they end: the laws of claims hold."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from campaigns.books import Books
from campaigns.line import OutgoingLine
from campaigns.order import CallReport
from campaigns.plan import CampaignPlan
from campaigns.recovery import Recovery
from campaigns.rehearsed import invent_campaign
from campaigns.rules import rules_of
from campaigns.settings_sections import CampaignSettings
from dialer.leg import HangupCause
from ivr.exchange import DialogOutcome, DialogResult
from store.database import Database
from store.errors import StaleClaimError
from store.models import Attempt, Contact
from store.queries import set_campaign_status
from store.types import AttemptStatus, CampaignStatus, ContactStatus
from store.values import ClaimedCall

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
LINE = OutgoingLine("127.0.0.1", 5060, "udp", timedelta(seconds=12), Path("calls"), 30, 25.0)
ENGINES = ("north", "south")
PEOPLE = 4

engines = st.sampled_from(ENGINES)
places = st.integers(0, 3)


def engines_of(template: Path) -> type[RuleBasedStateMachine]:
    """Return a machine of two engines on one store, made from a template."""

    class Engines(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.folder = Path(tempfile.mkdtemp(prefix="menling-model-"))
            file = shutil.copy(template, self.folder / "menling.db")
            self.database = Database(f"sqlite:///{file}")
            with self.database.transaction() as session:
                made = invent_campaign(session, NOON, PEOPLE)
                set_campaign_status(session, made, CampaignStatus.RUNNING, NOON)
                # Two of them share a number.
                session.get_one(Contact, 2).phone = session.get_one(Contact, 1).phone
            rules = rules_of(CampaignSettings(), {})
            self.books = {
                name: Books(self.database, CampaignPlan(made, name, LINE, rules))
                for name in ENGINES
            }
            self.claimed: dict[str, list[ClaimedCall]] = {name: [] for name in ENGINES}
            self.dialled: dict[str, list[ClaimedCall]] = {name: [] for name in ENGINES}
            self.rings = dict.fromkeys(range(1, PEOPLE + 1), 0)

        def teardown(self) -> None:
            self.database.close()
            shutil.rmtree(self.folder)

        @rule(name=engines, at_most=st.integers(1, 3))
        def claim(self, name: str, at_most: int) -> None:
            self.claimed[name].extend(self.books[name].claim(NOON, at_most))

        @rule(name=engines, place=places)
        def dial(self, name: str, place: int) -> None:
            if (call := _taken(self.claimed[name], place)) is None:
                return
            try:
                self.books[name].mark_dialing(call, NOON)
            except StaleClaimError as stale:
                self.books[name].give_back(call, NOON, stale)
            else:
                self.rings[call.contact_id] += 1
                self.dialled[name].append(call)

        @rule(name=engines, place=places)
        def give_back(self, name: str, place: int) -> None:
            if (call := _taken(self.claimed[name], place)) is not None:
                self.books[name].give_back(call, NOON)

        @rule(name=engines, place=places, end=st.booleans())
        def report(self, name: str, place: int, end: bool) -> None:
            if (call := _taken(self.dialled[name], place)) is None:
                return
            try:
                self.books[name].settle(call, _confirmed(call) if end else "lost", NOON)
            except StaleClaimError:
                assert self._attempt(call).fence > call.fence

        @rule(name=engines)
        def take_over(self, name: str) -> None:
            """The other engine is taken for dead, and goes on nevertheless."""

            def is_gone(claimed_by: str, claimed_at: datetime, now: datetime) -> bool:
                return claimed_by != name

            held = [call.attempt_id for call in (*self.claimed[name], *self.dialled[name])]
            Recovery(self.database, name).recover(NOON, is_gone, held)

        @invariant()
        def nobody_is_dialled_twice(self) -> None:
            assert max(self.rings.values()) <= 1

        @invariant()
        def one_number_is_rung_by_one_attempt(self) -> None:
            with self.database.reading() as session:
                phones = session.scalars(
                    sa.select(Attempt.phone).where(Attempt.status != AttemptStatus.SETTLED)
                ).all()
                waiting = session.scalars(
                    sa.select(Contact.id).where(Contact.status == ContactStatus.WAITING)
                ).all()
            assert len(phones) == len(set(phones))
            assert not any(self.rings[contact] for contact in waiting)

        def _attempt(self, call: ClaimedCall) -> Attempt:
            with self.database.reading() as session:
                return session.get_one(Attempt, call.attempt_id)

    return Engines


def _taken(calls: list[ClaimedCall], place: int) -> ClaimedCall | None:
    return calls.pop(place) if place < len(calls) else None


def _confirmed(call: ClaimedCall) -> CallReport:
    return CallReport(
        attempt=call.attempt_id,
        cause=HangupCause.WE_HUNG_UP,
        sip_status=200,
        answered=True,
        ring_seconds=3.0,
        talk_seconds=15.0,
        result=DialogResult(DialogOutcome.CONFIRMED, finished=True),
    )


@pytest.fixture
def quick() -> Callable[[type[RuleBasedStateMachine]], None]:
    """Runs a machine for a few seconds, the same way each time."""

    def run(machine: type[RuleBasedStateMachine]) -> None:
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=12,
                stateful_step_count=18,
                deadline=None,
                derandomize=True,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )

    return run


def test_two_engines_that_end_and_come_back_dial_nobody_twice(
    sqlite_template: Path, quick: Callable[[type[RuleBasedStateMachine]], None]
) -> None:
    quick(engines_of(sqlite_template))
