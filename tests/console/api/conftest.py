"""A console with a campaign that was half called, a key for every role, and somebody who asks."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from audio.pcm import SAMPLE_RATE
from campaigns.importer import import_manifest
from campaigns.settings import Settings
from campaigns.settings_people import ConsoleSettings
from campaigns.settings_sections import PathSettings
from campaigns.tickets_opening import Complaint, open_ticket
from campaigns.tickets_rules import shipped_ticket_rules
from console.api.mounting import api_app, contract_of
from console.web.app import create_app
from console.web.counted import Counted
from console.web.sessions import digest_of, new_key
from store.claims import claim_next, mark_dialing, release, settle
from store.database import Database
from store.desk_agents import sign_in
from store.desk_live import write_engine
from store.desk_transfers import open_transfer
from store.desk_types import DeskLine, DeviceKind
from store.desk_values import FlagRecord
from store.models import Attempt
from store.people_queries import add_user
from store.people_types import Role
from store.queries import create_campaign, set_campaign_status
from store.suppression import suppress
from store.token_queries import add_token
from store.types import (
    CampaignStatus,
    ContactStatus,
    Disposition,
    Outcome,
    SuppressionReason,
    TurnSpeaker,
)
from store.values import Settled, Settlement, TurnRecord

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
NAMES = ("王小明", "李秀英", "张伟", "刘洋")
PHONES = ("+8613800138001", "+8613800138002", "+8613800138003", "+8613800138004")
ADDRESSES = (
    "上海市浦东新区幸福路1号2单元301室",
    "上海市徐汇区平安街22号",
    "杭州市西湖区文三路8号",
    "北京市朝阳区建国路9号",
)


@dataclass(frozen=True)
class Seeded:
    """What is in the store, by what it is."""

    campaign: int
    draft: int
    manifest: int
    called: int
    """A contact whose matter is settled."""
    waiting: int
    call: int
    """Answered, with a recording."""
    unheard: int
    """A call without a recording."""
    suppression: int
    opt_out: int
    ticket: str
    agent: int
    transfer: int


@pytest.fixture(scope="session")
def pattern(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[Role, str], Seeded]:
    """A store with all of that, made once; its keys, and what is in it."""
    path = Path(shutil.copy(sqlite_template, tmp_path_factory.mktemp("api") / "menling.db"))
    database = Database(f"sqlite:///{path}")
    keys = _keys(database)
    seeded = _seeded(database)
    database.close()  # the last one to close brings all of it into the file that is copied
    return path, keys, seeded


@pytest.fixture
def database(pattern: tuple[Path, dict[Role, str], Seeded], tmp_path: Path) -> Iterator[Database]:
    """A store of the test's own, with all of that in it."""
    database = Database(f"sqlite:///{shutil.copy(pattern[0], tmp_path / 'menling.db')}")
    yield database
    database.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings whose data folder is the test's own."""
    return Settings(
        paths=PathSettings(data_dir=tmp_path / "data"),
        console=ConsoleSettings(host_names=("console",), metrics_from=("10.1.2.3",)),
    )


@pytest.fixture
def keys(pattern: tuple[Path, dict[Role, str], Seeded]) -> dict[Role, str]:
    """A key of the API for every role."""
    return pattern[1]


@pytest.fixture
def seeded(
    pattern: tuple[Path, dict[Role, str], Seeded], database: Database, settings: Settings
) -> Seeded:
    """What is in the store, with the recording where the settings want it."""
    recording = _wav(settings.recordings_dir / "1.wav")
    with database.transaction() as session:
        session.get_one(Attempt, pattern[2].call).recording = str(recording)
    return pattern[2]


def _keys(database: Database) -> dict[Role, str]:
    made: dict[Role, str] = {}
    with database.transaction() as session:
        for role in Role:
            user = add_user(
                session, login=role.value, name=role.value, role=role, language="zh-CN", now=NOW
            )
            made[role] = new_key()
            add_token(
                session,
                user_id=user.id,
                name="tests",
                role=role,
                digest=digest_of(made[role]),
                now=NOW,
            )
    return made


@pytest.fixture
def later() -> datetime:
    """When people ask: an hour after what is in the store happened."""
    return NOW + timedelta(hours=1)


@pytest.fixture
def app(settings: Settings, database: Database, keys: dict[Role, str], later: datetime) -> FastAPI:
    """The console, on which who asks waits for what is counted, however busy the machine is."""
    counted = Counted(patience_seconds=60.0)
    return create_app(settings, database, lambda: later, counted)


@pytest.fixture(scope="session")
def contract() -> dict[str, Any]:
    """The contract of the API."""
    return contract_of(api_app())


Ask = Callable[..., httpx2.Response]


@pytest.fixture
def ask(app: FastAPI, keys: dict[Role, str]) -> Ask:
    """Asks the console once: `ask("GET", "/api/calls", Role.VIEWER, json=…)`; None: no key."""

    def once(
        method: str,
        path: str,
        role: Role | None = Role.ADMIN,
        client: str = "127.0.0.1",
        **more: object,
    ) -> httpx2.Response:
        headers = dict(more.pop("headers", {}))  # type: ignore[call-overload]
        if role is not None:
            headers["Authorization"] = f"Bearer {keys[role]}"

        async def asking() -> httpx2.Response:
            transport = httpx2.ASGITransport(app=app, client=(client, 40000))
            async with httpx2.AsyncClient(transport=transport, base_url="http://console") as web:
                return await web.request(method, path, headers=headers, **more)  # type: ignore[arg-type]

        return asyncio.run(asking())

    return once


def _manifest(now: datetime) -> bytes:
    day = f"{now.astimezone(UTC):%Y-%m-%d}"
    rows = [
        f"SD100000{n},{name},{phone[3:]},{address},{day} 18:00-20:00"
        for n, (name, phone, address) in enumerate(zip(NAMES, PHONES, ADDRESSES, strict=True))
    ]
    rows.append(f"SD1000009,无名,12,某地,{day} 18:00-20:00")
    return "\n".join(["运单号,收件人,电话,地址,预约时段", *rows]).encode()


def _wav(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    sound = b"\0\0\0\0" * SAMPLE_RATE
    header = (
        b"RIFF" + (36 + len(sound)).to_bytes(4, "little") + b"WAVEfmt \x10\0\0\0\x01\0\x02\0"
        + SAMPLE_RATE.to_bytes(4, "little") + (SAMPLE_RATE * 4).to_bytes(4, "little")
        + b"\x04\0\x10\0data" + len(sound).to_bytes(4, "little")
    )  # fmt: skip
    path.write_bytes(header + sound)
    return path


def _seeded(database: Database) -> Seeded:
    """A campaign of four, two of them called; numbers on the list, a ticket, an agent."""
    now = NOW
    with database.transaction() as session:
        campaign = create_campaign(
            session, name="早班", flow="pre-delivery", company="顺达快递", now=now
        ).id
        draft = create_campaign(session, name="晚班", flow="survey", company="顺达快递", now=now).id
        set_campaign_status(session, campaign, CampaignStatus.RUNNING, now)
    manifest = import_manifest(database, campaign, "早班.csv", _manifest(now), now).manifest_id
    turns = (
        TurnRecord(TurnSpeaker.MENLING, f"您好,请问是{NAMES[0]}吗?", 0.0, 2.0),
        TurnRecord(TurnSpeaker.CALLEE, f"是,我住{ADDRESSES[0]}", 2.5, 4.0, intent="yes"),
        TurnRecord(TurnSpeaker.MENLING, "好的,再见", 4.4, 5.0, latency_seconds=0.42),
    )
    ends = (
        Settlement(
            Disposition.COMPLETED,
            Outcome.ADDRESS_CHANGED,
            now,
            Settled(new_address="上海市浦东新区世纪大道100号", answers={"gate": "东门"}),
            answered=True,
            talk_seconds=31.5,
            flow_version="pre-delivery@1",
            recording="to be made",
            turns=turns,
        ),
        Settlement(Disposition.BUSY, Outcome.NOT_REACHED, now, cause="busy", sip_status=486),
    )
    made: list[tuple[int, int]] = []
    with database.transaction() as session:
        for end in ends:
            claimed = claim_next(session, campaign, now, claimed_by="engine-1")
            assert claimed is not None
            mark_dialing(session, claimed.attempt_id, now)
            settle(session, claimed.attempt_id, end, then=ContactStatus.DONE)
            made.append((claimed.attempt_id, claimed.contact_id))
        waiting = claim_next(session, campaign, now, claimed_by="engine-1")
        assert waiting is not None
        suppress(session, "+8613900139001", SuppressionReason.OPERATOR, now, "user 1")
        suppress(session, "+8613900139002", SuppressionReason.OPTED_OUT, now, "call 9")
        complaint = Complaint(
            kind="damage", waybill="SD1000000", contact_id=made[0][1], attempt_id=made[0][0],
            words="箱子破了", record={"who": NAMES[0], "where": ADDRESSES[0]},
        )  # fmt: skip
        ticket = open_ticket(session, shipped_ticket_rules(), complaint, "call 1", now).number
        agent = sign_in(session, 3, "小陈", now, device_kind=DeviceKind.BROWSER).user_id
        flag = FlagRecord("asked", 5, DeskLine.FIRST, {"zh": "要找人工", "en": "asked"})
        transfer = open_transfer(session, made[0][0], "engine-1", flag, "zh-CN", {}, now).id
        write_engine(
            session, "engine-1", now, slots=8, in_use=2, workers=2,
            trunk={"host": "127.0.0.1", "channels": 30, "in_use": 2, "failures": 0},
        )  # fmt: skip
    with database.transaction() as session:
        release(session, waiting.attempt_id)
    return Seeded(
        campaign=campaign,
        draft=draft,
        manifest=manifest,
        called=made[0][1],
        waiting=waiting.contact_id,
        call=made[0][0],
        unheard=made[1][0],
        suppression=1,
        opt_out=2,
        ticket=ticket,
        agent=agent,
        transfer=transfer,
    )
