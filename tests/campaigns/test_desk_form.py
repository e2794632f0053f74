"""Forms that wait for their call, looked for ten times a second."""

from __future__ import annotations

import sqlalchemy as sa

from campaigns.desk_form import forms_to_apply
from store.database import Database


def test_forms_that_wait_are_found_without_a_look_at_all_transfers_of_the_past(
    database: Database,
) -> None:
    asked: list[tuple[str, object]] = []
    with database.reading() as session:
        connection = session.connection()

        @sa.event.listens_for(connection, "before_cursor_execute")
        def note(_connection, _cursor, statement, parameters, _context, _many) -> None:
            asked.append((statement, parameters))

        assert forms_to_apply(session) == ()
        [(statement, parameters)] = asked
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    assert any("ix_transfers_forms_to_apply" in step[-1] for step in plan)
