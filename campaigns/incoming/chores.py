"""The chores of what comes in: what follows events is done, and what nobody needs is erased."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final

from campaigns.chores import Chore, Duty
from campaigns.incoming.conflicts import act_on_conflicts
from campaigns.incoming.folder import FolderWatch
from campaigns.incoming.node_watch import watch_nodes
from campaigns.incoming.nodes import way_of
from campaigns.incoming.rules import IncomingRules, incoming_rules_of
from campaigns.incoming.starting import Spoken, handle
from campaigns.published_flows import PublishedFlows
from campaigns.settings import Settings
from ivr.flow_faults import FlowError
from ivr.flow_needs import needs_of
from store.live_event_types import LiveEventStatus
from store.live_events import empty_refused, open_events

AT_ONCE: Final = 200
"""Events of one beat; the next one takes the rest."""
EMPTIED_AT_ONCE: Final = 100


def check_incoming(settings: Settings) -> None:
    """Raise SettingsError when a table of events or nodes can't be used."""
    incoming_rules_of(settings.incoming.rules_file)
    way_of(settings.incoming.nodes_file)


def handle_events(duty: Duty) -> int:
    """Do what follows the events that came in; return how many there were."""
    with duty.database.reading() as session:
        waiting = open_events(session, duty.now, AT_ONCE)
    if not waiting:
        return 0
    rules = incoming_rules_of(duty.settings.incoming.rules_file)
    spoken = spoken_now(PublishedFlows(duty.database, duty.settings.flows_dir), rules)
    handled = refused = 0
    for number in waiting:
        if not duty.go_on():
            break
        with duty.transaction() as session:
            became = handle(session, number, duty.settings, rules, spoken, duty.now)
        handled += became is not None
        refused += became is LiveEventStatus.REFUSED
    if refused:
        duty.tell(f"{refused} events were refused; `menling events list --status refused` says why")
    return handled


def spoken_now(published: PublishedFlows, rules: IncomingRules) -> Mapping[str, Spoken]:
    """Return the flows that rules name as they are said now; those that are missing are left out.

    Raises StoreError.
    """
    spoken: dict[str, Spoken] = {}
    for name in _flows(rules):
        try:
            said = published.in_every_language(name)
        except FlowError:
            continue  # Each event that would start it is refused, and says so.
        spoken[name] = Spoken(needs_of(*said), frozenset(each.language for each in said))
    return spoken


def _flows(rules: IncomingRules) -> Iterable[str]:
    return dict.fromkeys(start.flow for rule in rules.events.values() for start in rule.starts)


def empty_refused_events(duty: Duty) -> int:
    """Erase what events told that were refused long ago; return how many."""
    before = duty.now - timedelta(days=duty.settings.incoming.keep_refused_days)
    emptied = 0
    while duty.go_on():
        with duty.transaction() as session:
            some = empty_refused(session, before, EMPTIED_AT_ONCE)
        emptied += some
        if some < EMPTIED_AT_ONCE:
            break
    return emptied


_FOLDER: Final = FolderWatch()

INCOMING: Final = (
    Chore("live events", timedelta(seconds=1), handle_events),
    Chore("conflicts", timedelta(seconds=5), act_on_conflicts),
    Chore("late nodes", timedelta(minutes=1), watch_nodes),
    Chore("watched folder", timedelta(seconds=5), _FOLDER.look),
    Chore("emptying refused events", timedelta(hours=1), empty_refused_events),
)
