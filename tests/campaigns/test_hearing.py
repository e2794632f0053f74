"""Which model hears whom, and that only languages that are spoken are loaded."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from asr.model_files import ModelError, bundled_model
from asr.wire import Kind, read_message
from campaigns.hearing import models_of, recognizers_of
from campaigns.rehearsed import invent_campaign
from campaigns.settings import Settings, SettingsError
from campaigns.settings_sections import RecognitionSettings
from console.running import languages_of
from store.database import Database
from store.models import Contact
from store.queries import campaign
from store.types import ContactStatus


def spoken(database: Database, now: datetime, *languages: str) -> frozenset[str]:
    """Return the languages that a campaign with one recipient for each of these needs."""
    with database.transaction() as session:
        made = invent_campaign(session, now, len(languages))
        for contact, language in zip(session.scalars(sa.select(Contact)), languages, strict=True):
            contact.language = language
        facts = campaign(session, made)
    return languages_of(database, facts)


@pytest.mark.parametrize("languages", [("zh-CN", "zh-CN"), ("en-US",), ("zh-CN", "en-US")])
def test_a_campaign_needs_the_languages_of_its_recipients(
    database: Database, now: datetime, languages: tuple[str, ...]
) -> None:
    assert spoken(database, now, *languages) == set(languages)


def test_who_has_his_outcome_needs_no_recogniser_any_more(
    database: Database, now: datetime
) -> None:
    spoken(database, now, "zh-CN", "en-US")
    with database.transaction() as session:
        for contact in session.scalars(sa.select(Contact).where(Contact.language == "en-US")):
            contact.status = ContactStatus.DONE
        facts = campaign(session, 1)
    assert languages_of(database, facts) == {"zh-CN"}


def test_a_language_is_heard_with_the_model_that_is_set_for_it(tmp_path: Path) -> None:
    chosen = RecognitionSettings(english_model=bundled_model("en-US"))
    assert models_of(Settings(recognition=chosen), {"en-US", "zh-CN"}) == {
        "en-US": bundled_model("en-US"),
        "zh-CN": bundled_model("zh-CN"),
    }
    lost = RecognitionSettings(english_model=tmp_path / "lost")
    assert models_of(Settings(recognition=lost), {"zh-CN"}) == {"zh-CN": bundled_model("zh-CN")}
    with pytest.raises(ModelError, match="no speech model at"):
        models_of(Settings(recognition=lost), {"en-US"})


def test_models_that_were_mixed_up_and_languages_that_nobody_hears_are_refused() -> None:
    mixed = RecognitionSettings(mandarin_model=bundled_model("en-US"))
    with pytest.raises(ModelError, match=r"does not write zh-CN.*recognition\.mandarin_model"):
        models_of(Settings(recognition=mixed), {"zh-CN"})
    with pytest.raises(SettingsError, match="Nobody here hears fr-FR"):
        models_of(Settings(), {"fr-FR"})


@pytest.mark.vosk
def test_each_language_has_processes_of_its_own(tmp_path: Path) -> None:
    async def name_of(socket: Path) -> str:
        reader, writer = await asyncio.open_unix_connection(str(socket))
        greeting = await read_message(reader)
        writer.close()
        assert greeting is not None
        assert greeting.kind is Kind.READY
        return greeting.payload.decode()

    async def names() -> dict[str, list[str]]:
        models = models_of(Settings(), {"zh-CN", "en-US"})
        async with recognizers_of(models, 1, tmp_path) as running:
            assert len(running.pids) == 2
            return {
                language: [await name_of(each) for each in sockets]
                for language, sockets in running.sockets.items()
            }

    assert asyncio.run(names()) == {
        "zh-CN": ["model-zh-delivery"],
        "en-US": ["model-en-delivery"],
    }
