"""Figures and explanations."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import resources
from types import MappingProxyType

import pytest
import yaml

from campaigns.contact_reasons import Why
from campaigns.report import Durations, Rate, explain, figures_of
from campaigns.rules import rules_of
from campaigns.settings_sections import CampaignSettings
from campaigns.verdict import Held
from store.campaign_queries import AttemptLine, ContactHistory
from store.types import (
    AttemptStatus,
    CampaignStatus,
    ContactStatus,
    Disposition,
    Outcome,
)
from store.values import CampaignFacts, PastAttempt, Progress

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
RULES = rules_of(CampaignSettings(), {})


def line(
    contact: int,
    number: int,
    disposition: Disposition,
    outcome: Outcome = Outcome.NOT_REACHED,
    talk_seconds: float = 0.0,
) -> AttemptLine:
    return AttemptLine(
        contact_id=contact,
        number=number,
        status=AttemptStatus.SETTLED,
        claimed_at=NOON,
        dialed_at=NOON,
        settled_at=NOON,
        cause="",
        sip_status=0,
        answered=talk_seconds > 0,
        ring_seconds=4.0,
        talk_seconds=talk_seconds,
        error="",
        came_to=PastAttempt(number, disposition, outcome, NOON, None),
    )


def progress_with(outcomes: dict[Outcome, int]) -> Progress:
    return Progress(
        campaign=CampaignFacts(
            id=1,
            name="morning",
            flow="pre-delivery",
            language="zh-CN",
            time_zone="Asia/Shanghai",
            company="顺达快递",
            callback_number="",
            status=CampaignStatus.RUNNING,
            policy=MappingProxyType({}),
        ),
        contacts=dict.fromkeys(ContactStatus, 0),
        dispositions={Disposition.BUSY: 1, Disposition.COMPLETED: 2},
        outcomes=outcomes,
        attempts=5,
        next_call_at=None,
    )


def test_rates_and_durations_are_counted_over_contacts_and_calls() -> None:
    figures = figures_of(
        progress_with({Outcome.CONFIRMED: 1, Outcome.UNFINISHED: 1, Outcome.NOT_REACHED: 1}),
        [
            line(1, 1, Disposition.BUSY),
            line(1, 2, Disposition.COMPLETED, Outcome.CONFIRMED, 20.0),
            line(2, 1, Disposition.HUNG_UP_MIDWAY, Outcome.UNFINISHED, 4.0),
            line(3, 1, Disposition.VOICEMAIL, Outcome.MESSAGE_LEFT, 12.0),
            line(4, 1, Disposition.TRUNK_FAILURE),
        ],
    )
    assert figures.reach == Rate(2, 4)
    assert figures.answer == Rate(3, 5)
    assert figures.confirm == Rate(1, 2)
    assert figures.settled == Rate(1, 2)
    assert figures.talking == Durations(3, 36.0, 12.0, 12.0)
    assert figures.trunk_failures == figures.trunk_failures_in_a_row == 1
    assert list(figures.dispositions) == [Disposition.COMPLETED, Disposition.BUSY]


def test_a_campaign_without_calls_has_no_rates() -> None:
    figures = figures_of(progress_with({}), [])
    assert figures.reach.share is None
    assert figures.talking == Durations()


def test_a_share_is_a_part_of_one() -> None:
    assert Rate(1, 4).share == 0.25


WAITING = ContactHistory(
    contact_id=1,
    campaign_id=1,
    recipient="李雷",
    status=ContactStatus.WAITING,
    time_zone="Asia/Shanghai",
    next_call_at=None,
    useful_until=None,
    needs_person="",
    attempts=(),
    latest=None,
)


def after(*attempts: AttemptLine, status: ContactStatus = ContactStatus.DONE) -> ContactHistory:
    return replace(WAITING, status=status, attempts=attempts, latest=attempts[-1].came_to)


@pytest.mark.parametrize(
    ("contact", "said"),
    [
        (WAITING, "It waits for a free line."),
        (
            replace(WAITING, next_call_at=NOON + timedelta(minutes=10)),
            "It is called again at 2026-11-22 12:10.",
        ),
        (
            replace(WAITING, next_call_at=NOON + timedelta(hours=9)),
            "It waits for the calling window, which opens at 2026-11-23 09:00.",
        ),
        (
            replace(WAITING, next_call_at=NOON + timedelta(minutes=10), held="rest"),
            "It waits for the end of the midday rest, until 2026-11-22 12:10.",
        ),
        (
            replace(WAITING, next_call_at=NOON + timedelta(minutes=10), held="cap"),
            "The number was dialled as often as is allowed; it waits until 2026-11-22 12:10.",
        ),
        (
            replace(WAITING, next_call_at=NOON + timedelta(hours=9), held="window"),
            "It waits for the calling window, which opens at 2026-11-23 09:00.",
        ),
        (
            after(
                line(1, 1, Disposition.WITHDRAWN, Outcome.WITHDRAWN),
                status=ContactStatus.CLOSED,
            ),
            "It is not called: what the call was about is over, or was taken back.",
        ),
        (
            after(
                line(1, 1, Disposition.OUT_OF_SCOPE, Outcome.NOT_CALLED),
                status=ContactStatus.CLOSED,
            ),
            "It is not called: the campaign is a pilot for others.",
        ),
        (
            replace(WAITING, useful_until=NOON),
            "A call after 2026-11-22 12:00 is of no use; it will expire.",
        ),
        (replace(WAITING, status=ContactStatus.IN_CALL), "It is being called."),
        (
            after(
                line(1, 1, Disposition.INTERRUPTED, Outcome.UNKNOWN),
                status=ContactStatus.NEEDS_RECONCILIATION,
            ),
            "Nobody knows what was said in its last call, so it is not called again.",
        ),
        (
            after(
                line(1, 1, Disposition.SUPPRESSED, Outcome.SUPPRESSED),
                status=ContactStatus.CLOSED,
            ),
            "It is not called: suppressed.",
        ),
        (
            after(line(1, 1, Disposition.COMPLETED, Outcome.CONFIRMED, 9.0)),
            "Its matter is settled: confirmed.",
        ),
        (
            after(line(1, 1, Disposition.COMPLETED, Outcome.CALLBACK_PROMISED, 9.0)),
            "A person was promised to call them back.",
        ),
        (
            after(line(1, 1, Disposition.COMPLETED, Outcome.OPTED_OUT, 9.0)),
            "They asked never to be called again.",
        ),
        (
            after(line(1, 1, Disposition.COMPLETED, Outcome.WRONG_NUMBER, 9.0)),
            "The number is somebody else's; it needs another one.",
        ),
        (
            after(line(1, 1, Disposition.VOICEMAIL, Outcome.MESSAGE_LEFT, 9.0)),
            "A message was left; nobody is called again.",
        ),
        (
            after(*(line(1, number, Disposition.BUSY) for number in (1, 2, 3))),
            "It was called 3 times, as often as the campaign allows.",
        ),
        (
            after(
                *(line(1, n, Disposition.HUNG_UP_MIDWAY, Outcome.UNFINISHED, 3.0) for n in (1, 2))
            ),
            "It was reached 2 times and nothing was settled; that is enough.",
        ),
        (
            after(line(1, 1, Disposition.INVALID_NUMBER)),
            "The campaign doesn't call again after invalid_number.",
        ),
        (
            after(*(line(1, number, Disposition.TRUNK_FAILURE) for number in range(1, 6))),
            "The trunk lost 5 calls to it; it is given up.",
        ),
        (
            after(line(1, 1, Disposition.BUSY)),
            "Another call would have come too late to be of use.",
        ),
    ],
)
def test_what_follows_is_explained(contact: ContactHistory, said: str) -> None:
    assert explain(contact, RULES, CampaignStatus.RUNNING, NOON)[-1] == said


def test_every_attempt_is_told() -> None:
    busy = replace(line(1, 1, Disposition.BUSY), sip_status=486)
    talked = line(1, 2, Disposition.COMPLETED, Outcome.CONFIRMED, 20.0)
    told = explain(after(busy, talked), RULES, CampaignStatus.RUNNING, NOON)
    assert told == (
        "Attempt 1, 2026-11-22 12:00: busy, not_reached, SIP 486.",
        "Attempt 2, 2026-11-22 12:00: completed, confirmed, 20 s of talk.",
        "Its matter is settled: confirmed.",
    )


def test_a_paused_campaign_and_the_need_of_a_person_are_told() -> None:
    contact = replace(WAITING, needs_person="请人工核实")
    told = explain(contact, RULES, CampaignStatus.PAUSED, NOON)
    assert told[0] == "Nobody has dialled it."
    assert told[-2] == "The campaign is paused; nobody is called before it runs."
    assert told[-1] == "A person is needed: 请人工核实"


@pytest.mark.parametrize(
    ("next_script", "said"),
    [
        ("short", "Its last call was cut; the next one takes it up."),
        ("agent", "No agent was free when they answered; the next call is made with one."),
    ],
)
def test_how_the_next_call_differs_is_told_beside_when_it_comes(
    next_script: str, said: str
) -> None:
    contact = replace(WAITING, next_script=next_script)
    assert explain(contact, RULES, CampaignStatus.RUNNING, NOON)[-1] == said


def test_every_reason_has_words_on_the_terminal_and_in_the_browser() -> None:
    text = resources.files("console.web").joinpath("words", "contacts.yaml").read_text("utf-8")
    words = yaml.safe_load(text)
    for why in Why:
        assert set(words[f"why.{why.value}"]) == {"zh-CN", "en-US"}
    held = {why.value.removeprefix("held_") for why in Why if why.value.startswith("held_")}
    assert {each.value for each in Held} - held == {"window"}
