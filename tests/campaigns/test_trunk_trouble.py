"""A trunk that is dead, refuses us or does not know our password, over real SIP."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr

from campaigns.events import CampaignPaused, EngineEvent
from campaigns.settings import Settings
from campaigns.settings_sections import StoreSettings
from campaigns.settings_trunks import BreakerSettings
from console.cli import DEMO_MANIFESTS
from console.demo import demo_settings
from console.free_ports import free_port_range
from console.shipped import example
from console.trial import Trial, manifest_like
from dialer.callee.digest import Credentials
from dialer.callee.process import CalleeProcess
from store.types import CampaignStatus, ContactStatus, Disposition, Outcome

pytestmark = [
    pytest.mark.sip,
    pytest.mark.vosk,
    pytest.mark.tts,
    pytest.mark.slow,
]

MANIFESTS = tuple(map(example, DEMO_MANIFESTS))
BY_KEY = "+8613800138002"
"""He presses 1 and is done: the shortest call there is."""
PEOPLE = {f"+861380000000{number}": BY_KEY for number in range(4)}
MANIFEST = manifest_like(MANIFESTS, PEOPLE)
CREDENTIALS = Credentials("menling", "open sesame")


@pytest.fixture
def settings(tmp_path: Path, calls_folder: Path) -> Settings:
    """An outage of some seconds pauses; then nobody has to wait long for the next call."""
    demo = demo_settings(calls_folder, free_port_range(1), 4)
    soon = demo.campaign.retry_after_minutes.model_copy(update={"trunk_failure": 0.1})
    return demo.model_copy(
        update={
            "store": StoreSettings(url=f"sqlite:///{tmp_path / 'menling.db'}"),
            "recognition": demo.recognition.model_copy(update={"processes": 1}),
            "campaign": demo.campaign.model_copy(
                update={
                    "pause_after_trunk_failures": 2 * len(PEOPLE),
                    "max_trunk_failures": 3,
                    "max_attempts": 1,
                    "retry_after_minutes": soon,
                }
            ),
            "trunk": demo.trunk.model_copy(update={"calls_per_second": 25}),
            "breaker": BreakerSettings(failures=len(PEOPLE), pause_after_minutes=0.05),
        }
    )


def with_password(settings: Settings, password: str) -> Settings:
    """Return the settings with an account on the trunk."""
    account = {"user": CREDENTIALS.user, "password": SecretStr(password)}
    return settings.model_copy(update={"trunk": settings.trunk.model_copy(update=account)})


def far_end(
    folder: Path, port: int, conduct: str, credentials: Credentials | None = None
) -> CalleeProcess:
    """Start a trunk with four people behind it who all behave like that."""
    scenarios = folder / f"scenarios-{port}"
    scenarios.mkdir()
    for number in PEOPLE:
        (scenarios / f"{number}.yaml").write_text(
            f'id: who{number}\nnumber: "{number}"\ntitle: 试线路\n{conduct}\n'
            "expect: {disposition: completed, outcome: confirmed}\n",
            encoding="utf-8",
        )
    return CalleeProcess(
        folder / f"seen-{port}.jsonl",
        port=port,
        scenarios=scenarios,
        credentials=credentials,
    )


CONFIRMS_BY_KEY = "script: [wait: turn, press: '1']\notherwise: [press: '1']"


def run_once(settings: Settings) -> list[EngineEvent]:
    """Run the campaign until it ends or pauses; return what happened."""
    events: list[EngineEvent] = []
    with closing(Trial(settings, MANIFEST)) as trial:
        asyncio.run(trial.run(events.append))
    return events


def assert_it_paused_and_burnt_nobody(settings: Settings, events: list[EngineEvent]) -> str:
    """Check that everybody still waits; return the reason that was told."""
    (paused,) = (event for event in events if isinstance(event, CampaignPaused))
    with closing(Trial(settings, MANIFEST)) as trial:
        assert trial.campaign.status is CampaignStatus.PAUSED
        for contact in trial.contacts().values():
            assert contact.status is ContactStatus.WAITING
            assert contact.latest is None or (
                contact.latest.disposition is Disposition.TRUNK_FAILURE and not contact.latest.final
            )
    return paused.reason


def assert_everybody_confirmed(settings: Settings) -> None:
    with closing(Trial(settings, MANIFEST)) as trial:
        assert trial.campaign.status is CampaignStatus.FINISHED
        outcomes = {
            number: contact.latest and contact.latest.outcome
            for number, contact in trial.contacts().items()
        }
    assert outcomes == dict.fromkeys(PEOPLE, Outcome.CONFIRMED)


def invites(callee: CalleeProcess) -> Mapping[str, int]:
    """End the far end and return how often it was rung, number by number."""
    callee.stop()
    counted = callee.observations()[-1]["invites"]
    assert isinstance(counted, dict)
    return counted


def attempts(settings: Settings) -> dict[str, int]:
    """Return how often each number was dialled, by the store."""
    with closing(Trial(settings, MANIFEST)) as trial:
        return {number: contact.attempts for number, contact in trial.contacts().items()}


def test_a_dead_trunk_pauses_the_campaign_and_a_living_one_finishes_it(
    tmp_path: Path, settings: Settings
) -> None:
    reason = assert_it_paused_and_burnt_nobody(settings, run_once(settings))
    assert "trunk main: it does not answer" in reason
    assert "menling trunks" in reason
    assert attempts(settings) == dict.fromkeys(PEOPLE, 0)

    with far_end(tmp_path, settings.trunk.port, CONFIRMS_BY_KEY) as callee:
        run_once(settings)
        assert invites(callee) == dict.fromkeys(PEOPLE, 1)
    assert_everybody_confirmed(settings)


def test_a_trunk_without_a_line_pauses_the_campaign(tmp_path: Path, settings: Settings) -> None:
    with far_end(tmp_path, settings.trunk.port, "before: [reject: 503]") as callee:
        reason = assert_it_paused_and_burnt_nobody(settings, run_once(settings))
        assert set(invites(callee)) == set(PEOPLE)
    assert "503" in reason


def test_a_wrong_password_pauses_the_campaign_and_the_right_one_finishes_it(
    tmp_path: Path, settings: Settings
) -> None:
    with far_end(tmp_path, settings.trunk.port, CONFIRMS_BY_KEY, CREDENTIALS) as callee:
        wrong = with_password(settings, "open barley")
        reason = assert_it_paused_and_burnt_nobody(wrong, run_once(wrong))
        assert "401" in reason or "403" in reason
        assert "open barley" not in reason

        run_once(with_password(settings, CREDENTIALS.password))
        assert invites(callee) == dict.fromkeys(PEOPLE, 1)
    assert_everybody_confirmed(settings)


def test_with_one_trunk_dead_and_one_refusing_everybody_is_reached_over_the_third(
    tmp_path: Path, settings: Settings
) -> None:
    dead, refusing = free_port_range(1), free_port_range(1)
    several = settings.model_copy(
        update={
            "trunks": {
                "dead": settings.trunk.model_copy(update={"port": dead, "priority": 2}),
                "refusing": settings.trunk.model_copy(update={"port": refusing, "priority": 1}),
            }
        }
    )
    with (
        far_end(tmp_path, refusing, "before: [reject: 503]") as refuser,
        far_end(tmp_path, settings.trunk.port, CONFIRMS_BY_KEY) as living,
    ):
        events = run_once(several)
        assert not any(isinstance(event, CampaignPaused) for event in events)
        assert any("Trunk dead: it does not answer" in str(event) for event in events)
        refused = invites(refuser)
        assert invites(living) == dict.fromkeys(PEOPLE, 1)
    assert_everybody_confirmed(several)
    # At once over the next trunk, and no second time over the one that refused.
    assert set(refused.values()) <= {1}
