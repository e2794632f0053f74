"""Write-back into a table of another database: one row per outcome and parcel."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import exc

from campaigns.messages.fates import Again, Fate, Sent, refused
from campaigns.messages.write_back_body import outcome_row
from campaigns.settings import SettingsError
from campaigns.settings_messages import WriteBackDatabaseSettings
from store.database import Database
from store.message_queries import outcome_told
from store.message_values import OutgoingMessage

KEY: Final = "idempotency_key"


class OtherDatabase:
    """A table, or a view that can be written; it needs `idempotency_key`, and what it wants of the
    columns in docs/messages.md. A row that is there is changed, so that trying again is safe."""

    once_only = False
    parallel = 1

    def __init__(self, settings: WriteBackDatabaseSettings, ours: Database) -> None:
        """Open nothing yet. Raises SettingsError when the address can't be used."""
        self._ours = ours
        self._name = settings.table
        try:
            self._engine = sa.create_engine(
                settings.url.get_secret_value(), pool_pre_ping=True, hide_parameters=True
            )
        except (exc.ArgumentError, exc.NoSuchModuleError, ModuleNotFoundError) as error:
            raise SettingsError(
                "write_back.database.url can't be used; write an SQLAlchemy address such as "
                "postgresql+psycopg://user:password@host/name, and install its driver"
            ) from error
        self._table: sa.Table | None = None

    def send(self, message: OutgoingMessage, now: datetime) -> Fate:
        """Write the rows of an outcome, all or none."""
        if message.outcome_id is None:
            return refused("it is about no outcome")
        with self._ours.reading() as session:
            told = outcome_told(session, message.outcome_id)
        try:
            table = self._found()
            with self._engine.begin() as connection:
                for parcel in told.parcels:
                    row = outcome_row(told, parcel.waybill)
                    _put(connection, table, f"{told.id}-{parcel.waybill}", row | {"told_at": now})
        except exc.DataError as error:
            return refused(f"{self._name} does not take it: {type(error.orig).__name__}")
        except exc.IntegrityError as error:
            # Somebody may have written the same row at this moment.
            return Again(
                f"{self._name} does not take it: {type(error.orig).__name__}", is_ours=True
            )
        except exc.NoSuchTableError:
            return Again(f"there is no table {self._name}; make it (docs/messages.md)")
        except exc.SQLAlchemyError as error:
            self._table = None
            return Again(f"the other database can't be written: {type(error).__name__}")
        return Sent()

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()

    def _found(self) -> sa.Table:
        if self._table is None:
            schema, _, name = self._name.rpartition(".")
            with self._engine.connect() as connection:
                self._table = sa.Table(
                    name, sa.MetaData(), schema=schema or None, autoload_with=connection
                )
        if KEY not in self._table.c:
            self._table = None
            raise exc.NoSuchTableError(KEY)
        return self._table


def _put(connection: sa.Connection, table: sa.Table, key: str, row: dict[str, Any]) -> None:
    """Write one row under its key: changed where there is one, else new."""
    known = {name: value for name, value in row.items() if name in table.c}
    there = table.c[KEY] == key
    if connection.scalar(sa.select(sa.func.count()).select_from(table).where(there)):
        if known:
            connection.execute(sa.update(table).where(there).values(known))
        return
    connection.execute(sa.insert(table).values({KEY: key, **known}))
