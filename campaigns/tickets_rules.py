"""TicketRules: by which matrix, in which hours and with which call back tickets are worked on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from zoneinfo import ZoneInfo

from campaigns.calling_window import CallingWindow
from campaigns.settings import Settings
from campaigns.settings_sections import CampaignSettings, TicketSettings, hours_of
from campaigns.tickets_matrix import Matrix
from campaigns.tickets_reader import load_matrix, shipped_matrix


@dataclass(frozen=True, slots=True)
class TicketCalls:
    """A campaign whose calls are about tickets."""

    campaign: str
    flow: str
    company: str
    callback_number: str
    useful: timedelta
    """A call later than this helps nobody."""


@dataclass(frozen=True, slots=True)
class TicketRules:
    """How tickets are worked on."""

    matrix: Matrix
    hours: CallingWindow
    """Working hours: first responses and proposals are due in them."""
    follow_up: TicketCalls
    """They tell customers what became of their tickets."""
    explanation: TicketCalls
    """They explain what went wrong, and offer what the matrix allows."""
    sparing: frozenset[str]
    """Flows that leave people alone who have a ticket which is not settled."""

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which tickets are numbered by day, and times are told to the desk."""
        return self.hours.zone


def ticket_rules_of(settings: Settings) -> TicketRules:
    """Return the rules that the settings make. Raises MatrixError, and OSError for a file."""
    return _rules(settings.tickets, settings.campaign)


@cache
def shipped_ticket_rules() -> TicketRules:
    """Return the rules of settings that nobody has changed."""
    return _rules(TicketSettings(), CampaignSettings())


def _rules(section: TicketSettings, campaign: CampaignSettings) -> TicketRules:
    if section.taxonomy_file is None and section.responsibility_file is None:
        matrix = shipped_matrix()
    else:
        matrix = load_matrix(section.taxonomy_file, section.responsibility_file)

    def calls(name: str, flow: str) -> TicketCalls:
        return TicketCalls(
            campaign=name,
            flow=flow,
            company=campaign.company,
            callback_number=campaign.callback_number,
            useful=timedelta(days=section.calls_useful_days),
        )

    return TicketRules(
        matrix=matrix,
        hours=CallingWindow(*hours_of(section.working_hours), ZoneInfo(campaign.time_zone)),
        follow_up=calls(section.follow_up_campaign, section.follow_up_flow),
        explanation=calls(section.explanation_campaign, section.explanation_flow),
        sparing=frozenset(section.sparing_flows),
    )
