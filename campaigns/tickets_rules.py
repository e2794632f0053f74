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
class FollowUp:
    """The campaign whose calls tell customers what became of their tickets."""

    campaign: str
    flow: str
    company: str
    callback_number: str
    useful: timedelta
    """A call later than this after the resolution helps nobody."""


@dataclass(frozen=True, slots=True)
class TicketRules:
    """How tickets are worked on."""

    matrix: Matrix
    hours: CallingWindow
    """Working hours: first responses and proposals are due in them."""
    follow_up: FollowUp
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
    return TicketRules(
        matrix=matrix,
        hours=CallingWindow(*hours_of(section.working_hours), ZoneInfo(campaign.time_zone)),
        follow_up=FollowUp(
            campaign=section.follow_up_campaign,
            flow=section.follow_up_flow,
            company=campaign.company,
            callback_number=campaign.callback_number,
            useful=timedelta(days=section.follow_up_days),
        ),
        sparing=frozenset(section.sparing_flows),
    )
