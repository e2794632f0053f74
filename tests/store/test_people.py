"""Who may sign in and what they did, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from store.audit_queries import add_audit_entry, audit_entries
from store.database import Database
from store.errors import StoreError
from store.people_queries import (
    add_link,
    add_user,
    anybody_has_a_password,
    begin_session,
    change_user,
    credentials_of,
    end_sessions,
    failed_tries,
    forgive_failures,
    note_failure,
    set_password,
    signed_in,
    use_link,
    user,
    user_of_link,
    users,
)
from store.people_types import Role
from store.people_values import AuditFilter, FailedTries
from store.token_queries import add_token, note_token_use, revoke_token, token_with, tokens


def added(session, now, login: str = "wang", role: Role = Role.ADMIN) -> int:
    made = add_user(session, login=login, name=login, role=role, language="zh-CN", now=now)
    return made.id


def test_a_user_lives_from_a_link_to_being_switched_off(database: Database, now) -> None:
    later = now + timedelta(hours=1)
    with database.transaction() as session:
        wang = added(session, now, " Wang")
        chen = added(session, now, "chen", Role.SUPERVISOR)
        add_link(session, chen, "old", now, later)
        add_link(session, chen, "new", now, later)
    with database.transaction() as session:
        assert [each.login for each in users(session)] == ["chen", "wang"]
        assert not anybody_has_a_password(session)
        assert use_link(session, "old", now) is None
        assert use_link(session, "new", later) is None
        assert use_link(session, "new", now).id == chen
        assert use_link(session, "new", now) is None
        set_password(session, chen, "hash")
        begin_session(session, chen, "secret", now, later)
    with database.transaction() as session:
        assert credentials_of(session, "CHEN").password_hash == "hash"
        assert signed_in(session, "secret", now).user.signed_in_at == now
        assert signed_in(session, "secret", later) is None
        change_user(session, chen, active=False)
    with database.reading() as session:
        assert credentials_of(session, "chen") is None
        assert signed_in(session, "secret", now) is None
        assert user(session, wang).has_password is False


def test_a_new_password_makes_links_void_that_nobody_used(database: Database, now) -> None:
    with database.transaction() as session:
        wang = added(session, now)
        add_link(session, wang, "link", now, now + timedelta(hours=1))
        set_password(session, wang, "hash")
    with database.reading() as session:
        assert user_of_link(session, "link", now) is None


def test_nobody_who_is_switched_off_has_a_way_in(database: Database, now) -> None:
    later = now + timedelta(hours=1)
    with database.transaction() as session:
        added(session, now)
        chen = added(session, now, "chen", Role.SUPERVISOR)
        change_user(session, chen, active=False)
        # Whoever signs in at this very moment opens a session after the others were ended.
        begin_session(session, chen, "session", now, later)
        add_link(session, chen, "link", now, later)
        add_token(session, user_id=chen, name="x", role=Role.VIEWER, digest="key", now=now)
    with database.reading() as session:
        assert signed_in(session, "session", now) is None
        assert user_of_link(session, "link", now) is None
        assert token_with(session, "key") is None


def test_no_browser_is_signed_in_still_when_somebody_is_switched_on_again(
    database: Database, now
) -> None:
    with database.transaction() as session:
        added(session, now)
        chen = added(session, now, "chen", Role.SUPERVISOR)
        begin_session(session, chen, "secret", now, now + timedelta(hours=1))
        change_user(session, chen, active=False)
        change_user(session, chen, active=True)
    with database.reading() as session:
        assert signed_in(session, "secret", now) is None


def test_names_are_unique_and_plain_and_somebody_administers(database: Database, now) -> None:
    with database.transaction() as session:
        wang = added(session, now)
    for login in ("WANG", "王", "a b", "x"):
        with pytest.raises(StoreError), database.transaction() as session:
            added(session, now, login)
    with pytest.raises(StoreError, match="administers"), database.transaction() as session:
        change_user(session, wang, role=Role.AGENT)
    with pytest.raises(StoreError, match="no user 99"), database.transaction() as session:
        set_password(session, 99, "hash")
    with database.reading() as session:
        assert user(session, wang).role is Role.ADMIN
        assert user(session, 99) is None


def test_sessions_that_are_over_are_forgotten(database: Database, now) -> None:
    with database.transaction() as session:
        wang = added(session, now)
        begin_session(session, wang, "first", now, now + timedelta(hours=1))
        begin_session(session, wang, "second", now + timedelta(hours=25), now + timedelta(hours=33))
    with database.transaction() as session:
        assert signed_in(session, "first", now) is None
        assert signed_in(session, "second", now) is not None
        end_sessions(session, wang)
        assert signed_in(session, "second", now) is None


def test_keys_are_found_by_digest_until_they_are_revoked(database: Database, now) -> None:
    with database.transaction() as session:
        wang = added(session, now)
        made = add_token(
            session, user_id=wang, name="dispatch", role=Role.VIEWER, digest="d", now=now
        )
        note_token_use(session, made.id, now)
    with database.transaction() as session:
        token, owner = token_with(session, "d")
        assert (token.used_at, owner.id) == (now, wang)
        assert not revoke_token(session, made.id, now, user_id=wang + 1)
        assert revoke_token(session, made.id, now, user_id=wang)
        assert not revoke_token(session, made.id, now)
        assert token_with(session, "d") is None
        assert [each.revoked_at for each in tokens(session, wang)] == [now]
        assert tokens(session, wang + 1) == []


def test_failures_are_counted_by_name_and_address(database: Database, now) -> None:
    since = now - timedelta(minutes=15)
    with database.transaction() as session:
        note_failure(session, "wang", "here", since, since)
        note_failure(session, "wang", "here", now, since)
        note_failure(session, "wang", "there", now, since)
        note_failure(session, "chen", "here", now, since)
        assert failed_tries(session, "wang", "here", since) == FailedTries(1, 2, 2)
        forgive_failures(session, "wang", "here")
        assert failed_tries(session, "wang", "here", since) == FailedTries(0, 1, 1)


def test_the_trail_is_read_by_what_and_whom_and_when(database: Database, now) -> None:
    with database.transaction() as session:
        wang = added(session, now)
        for minute, (action, subject) in enumerate(
            [("call_seen", "1"), ("call_seen", "2"), ("recording_heard", "1")]
        ):
            add_audit_entry(
                session, at=now + timedelta(minutes=minute), user_id=wang, token_id=None,
                action=action, kind="call", subject=subject, details={"part": "left"},
            )  # fmt: skip
    with database.reading() as session:

        def found(**wanted: object) -> list[str]:
            entries = audit_entries(session, AuditFilter(**wanted))
            return [f"{each.action} {each.subject}" for each in entries]

        assert found() == ["recording_heard 1", "call_seen 2", "call_seen 1"]
        assert found(action="call_seen", subject="1", kind="call") == ["call_seen 1"]
        assert found(since=now + timedelta(minutes=2)) == ["recording_heard 1"]
        assert found(until=now + timedelta(minutes=1), user_id=wang) == ["call_seen 1"]
        newest = audit_entries(session, AuditFilter(), limit=1)[0]
        assert (newest.user_name, newest.details) == ("wang", {"part": "left"})
        assert found(before_id=newest.id) == ["call_seen 2", "call_seen 1"]


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entries SET subject = ''", "DELETE FROM audit_entries"]
)
def test_the_database_itself_lets_nobody_change_the_trail(
    database: Database, now, statement
) -> None:
    with database.transaction() as session:
        add_audit_entry(
            session, at=now, user_id=None, token_id=None, action="signed_in", kind="user",
            subject="1", details={},
        )  # fmt: skip
    with (
        pytest.raises((StoreError, sa.exc.IntegrityError), match="only ever added to"),
        database.transaction() as session,
    ):
        session.execute(sa.text(statement))
    with database.reading() as session:
        assert len(audit_entries(session, AuditFilter())) == 1
