"""`menling users`: who may sign in at the console, from the command line."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from campaigns.settings import Settings
from console.running import open_store
from console.screen import say, screen
from console.terminal import SettingsFile, plain_errors, settings_from
from console.web.audit import Action, record
from console.web.signing_in import new_link
from console.web.site import address_of
from console.web.words import Language, words_in
from store.database import Database
from store.errors import StoreError
from store.people_queries import add_user, change_user, user_named, users
from store.people_types import Role
from store.people_values import UserRecord

users_app = typer.Typer(
    help="Users 用户: who may sign in at the console.",
    epilog="Example: menling users add wang --name 王芳 --role supervisor",
    no_args_is_help=True,
)

Login = Annotated[str, typer.Argument(help="What they sign in with.")]


@users_app.command(epilog="Example: menling users add wang --name 王芳 --role supervisor")
def add(
    login: Login,
    role: Annotated[Role, typer.Option(help="What they may do.")],
    name: Annotated[str, typer.Option(help="What others see; the user name if left out.")] = "",
    language: Annotated[
        Language, typer.Option(help="What the console speaks to them.")
    ] = Language.CHINESE,
    settings: SettingsFile = None,
) -> None:
    """Add a user and print the link by which they choose a password, once, within 24 hours."""
    with plain_errors():
        chosen = settings_from(settings)
        database = open_store(chosen)
        try:
            now = datetime.now(UTC)
            with database.transaction() as session:
                added = add_user(
                    session,
                    login=login,
                    name=name or login,
                    role=role,
                    language=language.value,
                    now=now,
                )
                record(session, None, Action.USER_ADDED, "user", added.id, {"role": role}, now)
            _tell_link(database, chosen, added, now)
        finally:
            database.close()


@users_app.command("list", epilog="Example: menling users list")
def list_users(settings: SettingsFile = None) -> None:
    """List who may sign in, and as what."""
    with plain_errors():
        chosen = settings_from(settings)
        database = open_store(chosen)
        try:
            with database.reading() as session:
                everybody = users(session)
        finally:
            database.close()
    t = words_in(Language.ENGLISH)
    table = Table(title="Users 用户")
    for heading in ("User name", "Name", "Role", "State", "Last signed in"):
        table.add_column(heading)
    for each in everybody:
        state = "active" if each.active else "off"
        if not each.has_password:
            state += ", no password yet"
        seen = each.signed_in_at.astimezone() if each.signed_in_at else None
        when = f"{seen:%Y-%m-%d %H:%M}" if seen else "never"
        table.add_row(each.login, each.name, t(f"role.{each.role}"), state, when)
    screen.print(table)
    say(f"{len(everybody)} users. One more: menling users add NAME --role agent")


@users_app.command(epilog="Example: menling users reset wang")
def reset(login: Login, settings: SettingsFile = None) -> None:
    """Switch a user on, and print a link by which they choose a new password."""
    with plain_errors():
        chosen = settings_from(settings)
        database = open_store(chosen)
        try:
            now = datetime.now(UTC)
            with database.transaction() as session:
                found = user_named(session, login)
                if found is None:
                    raise StoreError(f"There is no user {login}; see: menling users list")
                change_user(session, found.id, active=True)
                if not found.active:
                    on = {"active": True}
                    record(session, None, Action.USER_CHANGED, "user", found.id, on, now)
            _tell_link(database, chosen, found, now)
        finally:
            database.close()


def _tell_link(database: Database, settings: Settings, whose: UserRecord, now: datetime) -> None:
    with database.transaction() as session:
        record(session, None, Action.LINK_MADE, "user", whose.id, now=now)
    where = address_of(settings, new_link(database, whose.id, now))
    say(f"Link for {whose.login}, good for one use within 24 hours: {where}")
