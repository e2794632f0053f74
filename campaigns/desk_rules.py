"""How the desk of an engine works, as its settings say."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from campaigns.desk_asking import Place
from campaigns.desk_routing import RoutingRules
from campaigns.settings import Settings


@dataclass(frozen=True, slots=True)
class DeskRules:
    """How the desk of an engine works."""

    place: Place
    routing: RoutingRules = field(default_factory=RoutingRules)
    wrap_up: timedelta | None = timedelta(seconds=120)
    """After that an agent who writes is ready again; None: only when they say so."""
    enabled: bool = True
    """Somebody may come when a customer asks for a person."""


def desk_rules(settings: Settings, engine: str) -> DeskRules:
    """Return how the desk works, from the settings."""
    desk = settings.desk
    wrap_up = timedelta(seconds=desk.wrap_up_seconds)
    return DeskRules(
        place=Place(engine, desk.sip_domain),
        routing=RoutingRules(
            timedelta(seconds=desk.offer_seconds), timedelta(seconds=desk.patience_seconds)
        ),
        wrap_up=wrap_up or None,
        enabled=desk.enabled,
    )
