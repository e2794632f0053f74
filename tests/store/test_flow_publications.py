"""Which version of a flow is said, from when on, and how one goes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from store.database import Database
from store.flow_publications import (
    FlowFiles,
    PublicationError,
    files_of,
    publications,
    publish,
    roll_back,
)

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
FIRST = FlowFiles("survey", "zh-CN", "1", "a" * 64, "survey.yaml", {"survey.yaml": "flow: survey"})
SECOND = replace(FIRST, version="2", digest="b" * 64, files={"survey.yaml": "flow: survey2"})


@pytest.fixture
def published(database: Database) -> Database:
    """A database in which the first version was published at noon, the second one an hour later."""
    with database.transaction() as session:
        publish(session, FIRST, NOON, "li", "")
        publish(session, SECOND, NOON + timedelta(hours=1), "li", "shorter")
    return database


def said(database: Database) -> str:
    with database.reading() as session:
        [current] = [each.version for each in publications(session, "survey") if each.is_current]
    return current


def test_the_newest_publication_counts(published: Database):
    assert said(published) == "2"
    with published.reading() as session:
        assert files_of(session, "survey", "zh-CN", "1").files == FIRST.files


def test_one_goes_back_to_what_was_said_before(published: Database):
    with published.transaction() as session:
        assert roll_back(session, "survey", "zh-CN", "", NOON, "wu").version == "1"
    assert said(published) == "1"


def test_the_first_version_is_rolled_back_to_what_ships(database: Database):
    with database.transaction() as session:
        publish(session, FIRST, NOON, "li", "")
        assert roll_back(session, "survey", "zh-CN", "", NOON, "wu").version == ""
    assert said(database) == ""


def test_one_goes_back_to_a_version_by_name(published: Database):
    with published.transaction() as session:
        roll_back(session, "survey", "zh-CN", "1", NOON, "wu", "complaints")
        with pytest.raises(PublicationError, match="published were: 1, 2"):
            roll_back(session, "survey", "zh-CN", "3", NOON, "wu")
    with published.reading() as session:
        newest, *_ = publications(session)
    assert (newest.version, newest.who, newest.note, newest.is_current) == (
        "1", "wu", "complaints", True,
    )  # fmt: skip


def test_a_version_never_stands_for_other_words(published: Database):
    with (
        published.transaction() as session,
        pytest.raises(PublicationError, match="raise `version`"),
    ):
        publish(session, replace(FIRST, digest="c" * 64), NOON, "li", "")


def test_what_is_said_already_is_not_published_again(published: Database):
    with (
        published.transaction() as session,
        pytest.raises(PublicationError, match="says version 2"),
    ):
        publish(session, SECOND, NOON, "li", "")


def test_nothing_is_rolled_back_that_was_never_published(database: Database):
    with (
        database.transaction() as session,
        pytest.raises(PublicationError, match="Nothing was ever"),
    ):
        roll_back(session, "survey", "zh-CN", "", NOON, "wu")


def test_languages_are_published_apart(published: Database):
    with published.transaction() as session:
        publish(session, replace(FIRST, language="en-US"), NOON, "li", "")
    with published.reading() as session:
        current = {each.language: each.version for each in publications(session) if each.is_current}
    assert current == {"zh-CN": "2", "en-US": "1"}
