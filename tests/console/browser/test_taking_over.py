"""An agent takes a real call over in a browser while a supervisor listens and whispers in another.

Everything runs as users run it: engine and console are processes that meet in the store, and both
people have Chromium, with a microphone that is a file.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.async_api import BrowserContext, Locator, Page, Playwright, async_playwright, expect

from audio.level import dbfs, tone, tone_share
from audio.pcm import FRAME_SECONDS, SAMPLE_RATE, frames, silence
from audio.wav import read_stereo, write_wav
from audio_fixtures.clips import clip_sound
from bench.desk_telephones import write_telephones
from bench.screens import CHROMIUM, CHROMIUM_OPTIONS
from campaigns.retention import last_time
from campaigns.settings import Settings
from campaigns.settings_people import ConsoleSettings, DeskSettings
from campaigns.settings_sections import StoreSettings
from console.cli import DEMO_MANIFESTS
from console.demo import demo_settings
from console.engine_process import run_engine
from console.free_ports import free_port_range
from console.pages import start_console
from console.shipped import example
from console.trial import Trial, manifest_like
from console.web.sessions import open_session
from dialer.callee.process import CalleeProcess
from processes.child import start_child
from store.database import Database
from store.desk_queries import visits_of
from store.models import OutcomeRecord
from store.people_queries import add_user
from store.people_types import Role
from store.queries import call, set_campaign_status
from store.types import CampaignStatus, Outcome, TurnSpeaker

pytestmark = [pytest.mark.sip, pytest.mark.vosk, pytest.mark.tts, pytest.mark.slow]

HANGS_SECONDS = 240
"""What takes longer hangs, however busy the machine is."""
ATTEMPT = 1
CUSTOMER = "+8613800138015"
AROUND_CUSTOMER_DBFS = -50
"""What the agent hears of a customer who only listens: a page's meter begins at -60."""
WHISPER_HZ = 1210.0
"""Beside every tone of the tune that customers hear while they wait."""
WINDOW = 3200
"""Bytes of 200 ms."""
MICROPHONE = (
    *("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"),
    # Nobody looks at a page without a screen; its heartbeat must not be slowed down for that.
    *("--disable-background-timer-throttling", "--disable-renderer-backgrounding"),
)

REMEMBER_CONNECTIONS = """
  window.connections = [];
  const Real = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Real {
    constructor(...given) { super(...given); window.connections.push(this); }
  };
"""
HEAR_A_TONE = """async hz => {
  const context = new AudioContext();
  const ear = context.createAnalyser();
  ear.fftSize = 4096;
  const track = connections.at(-1).getReceivers()[0].track;
  context.createMediaStreamSource(new MediaStream([track])).connect(ear);
  const bins = new Float32Array(ear.frequencyBinCount);
  const step = context.sampleRate / ear.fftSize;
  for (;;) {
    ear.getFloatFrequencyData(bins);
    const loudest = bins.indexOf(Math.max(...bins));
    if (bins[loudest] > -60 && Math.abs(loudest * step - hz) < 2 * step) return;
    await new Promise(done => setTimeout(done, 50));
  }
}"""
SEE_THE_METER_RISE = """async least => {
  while (!(document.querySelector('meter[data-level=speaker]')?.value > least)) {
    await new Promise(done => setTimeout(done, 50));
  }
}"""


@pytest.fixture
def telephone(tmp_path: Path) -> Iterator[CalleeProcess]:
    """The telephone of a customer who wants a person."""
    folder = tmp_path / "scenarios"
    write_telephones(folder, [CUSTOMER], noise_dbfs=AROUND_CUSTOMER_DBFS)
    with CalleeProcess(tmp_path / "observations.jsonl", scenarios=folder) as process:
        yield process


@pytest.fixture
def settings(tmp_path: Path, calls_folder: Path, telephone: CalleeProcess) -> Settings:
    demo = demo_settings(calls_folder, telephone.port, 4)
    return demo.model_copy(
        update={
            "store": StoreSettings(url=f"sqlite:///{tmp_path / 'menling.db'}"),
            "recognition": demo.recognition.model_copy(update={"processes": 1}),
            "desk": DeskSettings(offer_seconds=120, patience_seconds=40),
            "console": ConsoleSettings(port=free_port_range(1)),
        }
    )


@pytest.fixture
def words(tmp_path: Path) -> Path:
    """What the agent says, over and over."""
    path = tmp_path / "agent.wav"
    write_wav(path, clip_sound("zheng/keyi") + silence(2.5))
    return path


@pytest.fixture
def beeps(tmp_path: Path) -> Path:
    """What the supervisor says: in pieces, for a browser takes a steady tone for noise."""
    path = tmp_path / "supervisor.wav"
    write_wav(path, tone(WHISPER_HZ, 0.4, -12.0) + silence(0.3))
    return path


class Person:
    """Somebody at the console with a browser of their own."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def sees(self, selector: str, text: str = "") -> Locator:
        """Wait until something is on the page."""
        found = self.page.locator(selector)
        if text:
            found = found.filter(has_text=text)
        await expect(found.first).to_be_visible(timeout=HANGS_SECONDS * 1000)
        return found.first

    async def hears(self, loudness: float) -> None:
        """Wait until the page's meter shows that the others are so loud."""
        await self.page.evaluate(SEE_THE_METER_RISE, loudness)

    async def presses(self, key: str) -> None:
        """Press a key."""
        await self.page.keyboard.press(key)

    async def clicks(self, button: str, within: str = "main") -> None:
        """Press a button."""
        await self.page.locator(within).get_by_role("button", name=button).click()


@asynccontextmanager
async def at_the_console(
    playwright: Playwright, trial: Trial, role: Role, name: str, microphone: Path
) -> AsyncIterator[Person]:
    """Let somebody sign in and open a browser that may use its microphone."""
    now = datetime.now(UTC)
    with trial.database.transaction() as session:
        user = add_user(session, login=role.value, name=name, role=role, language="zh-CN", now=now)
    secret = open_session(trial.database, user.id, now, timedelta(hours=1))
    address = f"http://127.0.0.1:{trial.settings.console.port}"
    browser = await playwright.chromium.launch(
        executable_path=CHROMIUM,
        args=[*CHROMIUM_OPTIONS, *MICROPHONE, f"--use-file-for-fake-audio-capture={microphone}"],
    )
    try:
        context: BrowserContext = await browser.new_context(base_url=address, locale="zh-CN")
        context.set_default_timeout(HANGS_SECONDS * 1000)
        await context.add_cookies([{"name": "menling_session", "value": secret, "url": address}])
        await context.add_init_script(REMEMBER_CONNECTIONS)
        yield Person(await context.new_page())
    finally:
        await browser.close()


def test_an_agent_takes_over_in_a_browser_and_hands_back_while_a_supervisor_whispers(
    settings: Settings, telephone: CalleeProcess, words: Path, beeps: Path
) -> None:
    manifest = manifest_like(tuple(map(example, DEMO_MANIFESTS)), {CUSTOMER: CUSTOMER})
    trial = Trial(settings, manifest)
    console = start_console(settings)
    engine = start_child(run_engine, settings, True, name="engine")
    try:
        assert console.first_word(HANGS_SECONDS) == ""
        assert engine.first_word(HANGS_SECONDS) == ""
        asyncio.run(a_shift(trial, telephone, words, beeps))
        what_is_left_of_it(trial.database)
        assert last_time(settings) is not None, "nothing old would ever be erased"
    finally:
        engine.kill()
        console.kill()
        trial.close()


async def a_shift(trial: Trial, telephone: CalleeProcess, words: Path, beeps: Path) -> None:
    async with (
        asyncio.timeout(HANGS_SECONDS),
        async_playwright() as playwright,
        at_the_console(playwright, trial, Role.AGENT, "李敏", words) as agent,
        at_the_console(playwright, trial, Role.SUPERVISOR, "王班长", beeps) as supervisor,
    ):
        await agent.page.goto("/desk")
        await agent.clicks("签入并就绪")
        await agent.sees("[data-panel=ready]")
        await supervisor.page.goto("/supervise")
        await supervisor.sees("td", "李敏")
        with trial.database.transaction() as session:
            campaign = trial.campaign.id
            set_campaign_status(session, campaign, CampaignStatus.RUNNING, datetime.now(UTC))

        await agent.sees("[data-panel=offered]")
        await agent.presses("a")
        await agent.sees("[data-panel=talking]")
        await agent.sees(".turn.agent")
        await agent.hears(0.1)

        await (await supervisor.sees(f"a[href='/supervise/{ATTEMPT}']")).click()
        await listen_and_whisper(supervisor, agent)

        await agent.page.locator("summary", has_text="交还给门铃").click()
        await agent.clicks("交还给门铃")
        await agent.sees("[data-panel=wrap_up]")
        # The robot speaks again after the agent.
        await supervisor.sees(".turn.agent ~ .turn.menling")
        await asyncio.to_thread(telephone.stop)
        await supervisor.sees("main", "通话已经结束")
        await write_down(agent)


async def listen_and_whisper(supervisor: Person, agent: Person) -> None:
    await supervisor.sees(".turn.agent")
    await supervisor.presses("1")
    await supervisor.sees(".badge", "王班长 · 监听")
    await supervisor.hears(0.4)
    await supervisor.presses("2")
    await supervisor.sees(".badge", "王班长 · 耳语")
    await agent.page.evaluate(HEAR_A_TONE, WHISPER_HZ)
    await agent.sees(".badge", "王班长 · 耳语")
    await supervisor.clicks("退出")
    await expect(supervisor.page.locator(".badge", has_text="王班长")).to_have_count(
        0, timeout=HANGS_SECONDS * 1000
    )
    await expect(supervisor.page.locator(".sound")).to_be_hidden()


async def write_down(agent: Person) -> None:
    outcome = agent.page.get_by_label("结果", exact=True)
    # All that the robot knows: he asked for a person. What came of it the agent says.
    await expect(outcome).to_have_value("callback_promised", timeout=HANGS_SECONDS * 1000)
    await outcome.select_option("confirmed")
    await agent.page.get_by_label("备注").fill("明天下午送")
    await agent.clicks("提交并就绪")
    await agent.sees("[data-panel=ready]")


def what_is_left_of_it(database: Database) -> None:
    with database.reading() as session:
        settled = call(session, ATTEMPT)
        visits = {each.role for each in visits_of(session, ATTEMPT)}
        outcome = session.scalars(
            sa.select(OutcomeRecord.outcome).where(OutcomeRecord.attempt_id == ATTEMPT)
        ).one()
    assert settled is not None
    assert outcome is Outcome.CONFIRMED
    assert visits == {"agent", "supervisor"}
    customer, ours = read_stereo(Path(settled.recording))
    last = max(at for at, turn in enumerate(settled.turns) if turn.speaker is TurnSpeaker.AGENT)
    from_agent_to_robot = [settled.turns[at].began_seconds for at in (last, last + 1)]
    began, ended = (round(at * SAMPLE_RATE) * 2 for at in from_agent_to_robot)
    words = [frame for frame in frames(ours[began:ended]) if dbfs(frame) > -35]
    assert len(words) * FRAME_SECONDS > 0.2
    for side in (customer, ours):
        windows = [side[at : at + WINDOW] for at in range(0, len(side) - WINDOW, WINDOW)]
        assert not [each for each in windows if whispers(each)]


def whispers(sound: bytes) -> bool:
    """Say whether nothing but the supervisor's tone is heard."""
    return dbfs(sound) > -45 and tone_share(sound, WHISPER_HZ) > 0.5
