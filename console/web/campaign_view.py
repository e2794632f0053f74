"""How far a campaign has come, as its page and the list of campaigns show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, Final

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from campaigns.importer import ImportReport
from campaigns.labels import Shelf, label
from console.web.call_page import label_language, tone_of
from console.web.campaign_form import titles
from console.web.charts import Part, parts
from console.web.condition import coming_in, condition_of, paces
from console.web.counted import Count, Counted
from console.web.rules_view import rules_shown
from console.web.searching import existing
from console.web.site import site_of
from console.web.templating import render, words_of
from console.web.words import Words
from store.board_queries import newest_outcomes
from store.contact_queries import status_counts
from store.manifest_queries import ManifestLine, manifest_lines
from store.queries import campaign
from store.types import CampaignStatus, ContactStatus, Outcome
from store.values import CampaignFacts

SHOWN: Final = 20
"""So many problems of a manifest are shown; the file has them all."""
MAY: Final[Mapping[CampaignStatus, tuple[str, ...]]] = MappingProxyType(
    {
        CampaignStatus.DRAFT: ("start", "cancel"),
        CampaignStatus.RUNNING: ("pause", "cancel"),
        CampaignStatus.PAUSED: ("start", "cancel"),
        CampaignStatus.FINISHED: ("start",),
        CampaignStatus.CANCELLED: (),
    }
)
"""The buttons of a campaign."""
OUTCOME_TONES: Final = ("good", "faint", "warn", "bad")
SHADES: Final = 3
"""So many shades of a tone are told apart."""
CONTACT_TONES: Final = MappingProxyType(
    {
        ContactStatus.DONE: "good",
        ContactStatus.IN_CALL: "info",
        ContactStatus.NEEDS_RECONCILIATION: "warn",
        ContactStatus.CLOSED: "faint",
        ContactStatus.WAITING: "none",
    }
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a campaign has come."""

    total: int
    done: int
    """Contacts that need no further call."""
    bar: Markup
    statuses: tuple[tuple[str, str, int], ...]
    """Label, tone and number of contacts."""

    @property
    def share(self) -> float | None:
        """The part that is done, 0 to 1; None: nobody is in it."""
        return self.done / self.total if self.total else None


def standing(counts: Mapping[ContactStatus, int], words: Words) -> Standing:
    """Return how far a campaign has come, by the number of its contacts in each status."""
    labels = label_language(words.language)
    statuses = tuple(
        (label(Shelf.CONTACT, status, labels), tone, counts.get(status, 0))
        for status, tone in CONTACT_TONES.items()
    )
    total = sum(count for *_, count in statuses)
    waiting = counts.get(ContactStatus.WAITING, 0) + counts.get(ContactStatus.IN_CALL, 0)
    bar = parts(
        words("campaigns.progress"), [Part(name, count, tone) for name, tone, count in statuses]
    )
    return Standing(total, total - waiting, bar, statuses)


def campaign_page(
    request: Request,
    campaign_id: int,
    status: int = 200,
    problem: str = "",
    report: ImportReport | None = None,
) -> Response:
    """Return the page of a campaign; `report`: what an import into it just did."""
    site, facts = site_of(request), campaign_or_404(request, campaign_id)
    return render(
        request,
        "campaign.html",
        status,
        titles=titles(words_of(request).language),
        may=MAY[facts.status],
        manifests=_manifests(request, campaign_id),
        problem=problem,
        report=report,
        problems_shown=SHOWN,
        rules=rules_shown(site.settings, facts, words_of(request), site.clock()),
        **progress_of(request, facts),
    )


def progress_of(request: Request, facts: CampaignFacts) -> dict[str, Any]:
    """Return what the part of a campaign's page shows that changes while it runs."""
    words = words_of(request)
    counts, outcomes = counts_of(request), _outcomes(request, facts)
    return {
        "campaign": facts,
        "standing": None if counts is None else standing(counts.value.get(facts.id, {}), words),
        "outcomes": None if outcomes is None else _told(outcomes.value, words),
        "outcome_bar": None
        if outcomes is None
        else parts(words("campaigns.outcomes"), _told(outcomes.value, words)),
        "counted_at": None if outcomes is None else outcomes.at,
        **_condition(request, facts),
    }


def _condition(request: Request, facts: CampaignFacts) -> dict[str, Any]:
    site = site_of(request)
    database, now = site.database, site.clock()
    counted = counted_of(request).get(
        ("condition", facts.id), partial(condition_of, database, facts.id, now)
    )
    coming = counted_of(request).get(("imports", facts.id), partial(coming_in, database, facts.id))
    return {
        "condition": None if counted is None else counted.value,
        "imports": () if coming is None else coming.value,
        "paces": paces(database, facts.id, now),
    }


def _told(outcomes: Mapping[Outcome, int], words: Words) -> list[Part]:
    """Return outcomes by how good they are, so that a bar reads from green to red."""
    labels = label_language(words.language)
    told: list[Part] = []
    for tone in OUTCOME_TONES:
        alike = [each for each in outcomes if (tone_of(each) or "faint") == tone]
        for place, outcome in enumerate(alike, 1):
            shade = tone if place == 1 else f"{tone}-{min(place, SHADES)}"
            told.append(Part(label(Shelf.OUTCOME, outcome, labels), outcomes[outcome], shade))
    return told


def counts_of(request: Request) -> Count[Mapping[int, Mapping[ContactStatus, int]]] | None:
    """Return how many contacts every campaign has, by status; None: still being counted."""
    database = site_of(request).database

    def count() -> Mapping[int, Mapping[ContactStatus, int]]:
        with database.reading() as session:
            return status_counts(session)

    return counted_of(request).get("statuses", count)


def _outcomes(request: Request, facts: CampaignFacts) -> Count[Mapping[Outcome, int]] | None:
    database = site_of(request).database

    def count() -> Mapping[Outcome, int]:
        with database.reading() as session:
            return newest_outcomes(session, facts.id)

    return counted_of(request).get(("outcomes", facts.id), count)


def _manifests(request: Request, campaign_id: int) -> Count[tuple[ManifestLine, ...]] | None:
    database = site_of(request).database

    def count() -> tuple[ManifestLine, ...]:
        with database.reading() as session:
            return manifest_lines(session, campaign_id)

    return counted_of(request).get(("manifests", campaign_id), count)


def campaign_or_404(request: Request, campaign_id: int) -> CampaignFacts:
    """Return a campaign; raises HTTPException (404) when there is none."""
    with site_of(request).database.reading() as session:
        return existing(partial(campaign, session, campaign_id))


def counted_anew(request: Request, campaign_id: int) -> None:
    """Count a campaign again, because its contacts were just changed on purpose."""
    counted = counted_of(request)
    mine = [(name, campaign_id) for name in ("outcomes", "manifests", "condition", "imports")]
    for key in ("statuses", *mine):
        counted.forget(key)


def counted_of(request: Request) -> Counted:
    """Return the counts that all pages share."""
    counted: Counted = request.app.state.counted
    return counted
