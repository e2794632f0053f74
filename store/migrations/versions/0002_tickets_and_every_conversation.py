"""Tickets, wishes, and what the conversations beside pre-delivery come to

Everything here is an addition, so that the program of the first tables goes on working.
"""

from __future__ import annotations

from contextlib import AbstractContextManager

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

DISPOSITIONS_BEFORE = (
    "completed",
    "no_conversation",
    "hung_up_midway",
    "voicemail",
    "assistant",
    "busy",
    "no_answer",
    "declined",
    "switched_off",
    "suspended",
    "out_of_reach",
    "in_a_call",
    "restricted",
    "invalid_number",
    "trunk_failure",
    "media_failure",
    "interrupted",
    "suppressed",
    "expired",
)
DISPOSITIONS = (*DISPOSITIONS_BEFORE, "open_ticket")

OUTCOMES_BEFORE = (
    "confirmed",
    "rescheduled",
    "address_changed",
    "hand_over_changed",
    "refused",
    "wrong_number",
    "opted_out",
    "callback_promised",
    "message_left",
    "unfinished",
    "not_reached",
    "suppressed",
    "expired",
    "unknown",
)
OUTCOMES = (
    *OUTCOMES_BEFORE,
    "informed",
    "received",
    "problem_reported",
    "rated",
    "solution_chosen",
    "pickup_agreed",
)

TICKET_STATUSES = (
    "open",
    "acknowledged",
    "proposed",
    "agreed",
    "declined",
    "resolved",
    "closed",
)
TICKET_STEPS = (
    "open",
    "acknowledge",
    "propose",
    "agree",
    "decline",
    "resolve",
    "close",
    "reopen",
    "escalate",
    "tell",
    "note",
)


PUBLICATION_STEPS = ("publish", "roll_back")


def upgrade() -> None:
    _replace_outcome_words(DISPOSITIONS, OUTCOMES)
    _create_tickets()
    _create_ticket_events()
    _create_wishes()
    _let_windows_be_unknown(True)
    op.add_column("deliveries", _texts("facts"))
    op.add_column("outcomes", _texts("answers"))
    _create_flow_versions()


def downgrade() -> None:
    op.drop_table("flow_publications")
    op.drop_table("flow_versions")
    op.drop_column("outcomes", "answers")
    op.drop_column("deliveries", "facts")
    op.execute(
        "UPDATE deliveries SET window_start = '1970-01-01 00:00:00', "
        "window_end = '1970-01-02 00:00:00' WHERE window_start IS NULL"
    )
    _let_windows_be_unknown(False)
    for table in ("wishes", "ticket_events", "tickets"):
        op.drop_table(table)
    _replace_outcome_words(DISPOSITIONS_BEFORE, OUTCOMES_BEFORE)


def _replace_outcome_words(dispositions: tuple[str, ...], outcomes: tuple[str, ...]) -> None:
    checks = {
        "ck_outcomes_disposition": _one_of("disposition", dispositions),
        "ck_outcomes_outcome": _one_of("outcome", outcomes),
    }
    if op.get_context().dialect.name == "sqlite":
        with _copied("outcomes", checks):
            pass
        return
    for name, law in checks.items():
        op.drop_constraint(op.f(name), "outcomes", type_="check")
        op.create_check_constraint(op.f(name), "outcomes", law)


def _let_windows_be_unknown(unknown: bool) -> None:
    """Let a delivery have no promised window: a survey speaks of none."""
    checks = {
        "ck_deliveries_cod_not_negative": "cod_fen >= 0",
        "ck_deliveries_window_has_length": "window_end > window_start",
    }
    names = ("window_start", "window_end")
    if op.get_context().dialect.name == "sqlite":
        with _copied("deliveries", checks) as table:
            for name in names:
                table.alter_column(name, nullable=unknown)
        return
    for name in names:
        op.alter_column("deliveries", name, nullable=unknown)


def _copied(name: str, checks: dict[str, str]) -> AbstractContextManager[BatchOperations]:
    """Copy a table, which is how SQLite changes one. Not every Alembic reads old checks."""
    table = sa.Table(name, sa.MetaData(), autoload_with=op.get_bind())
    for old in [each for each in table.constraints if isinstance(each, sa.CheckConstraint)]:
        table.constraints.remove(old)
    new = tuple(sa.CheckConstraint(law, name=op.f(each)) for each, law in checks.items())
    return op.batch_alter_table(name, copy_from=table, recreate="always", table_args=new)


def _texts(name: str) -> sa.Column[dict[str, str]]:
    """Return a column of texts by name, empty in the rows that are there."""
    return sa.Column(name, sa.JSON(), nullable=False, server_default="{}")


def _one_of(column: str, words: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(word) for word in words)})"


def _word(words: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def _create_tickets() -> None:
    op.create_table(
        "tickets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("cause", sa.String(length=32), nullable=False),
        sa.Column("department", sa.String(length=32), nullable=False),
        sa.Column("status", _word(TICKET_STATUSES, "status"), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("waybill", sa.String(length=64), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("attempt_id", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("respond_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("propose_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolve_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("escalate_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("customer_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("callback_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("proposal", sa.String(length=32), nullable=False),
        sa.Column("compensation_fen", sa.BigInteger(), nullable=False),
        sa.Column("resolution", sa.Text(), nullable=False),
        sa.Column("follow_up_contact_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("level BETWEEN 0 AND 2", name=op.f("ck_tickets_level_is_a_line")),
        sa.CheckConstraint(
            "compensation_fen >= 0", name=op.f("ck_tickets_compensation_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_tickets_delivery_id")
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_tickets_contact_id")
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_tickets_attempt_id")
        ),
        sa.ForeignKeyConstraint(
            ["follow_up_contact_id"],
            ["contacts.id"],
            name=op.f("fk_tickets_follow_up_contact_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
        sa.UniqueConstraint("number", name=op.f("uq_tickets_number")),
    )
    for columns in (
        ["contact_id"],
        ["delivery_id"],
        ["follow_up_contact_id"],
        ["opened_at"],
        ["status", "escalate_at"],
    ):
        op.create_index(op.f(f"ix_tickets_{'_'.join(columns)}"), "tickets", columns, unique=False)
    op.create_index(
        op.f("uq_tickets_unclosed_waybill_kind"),
        "tickets",
        ["waybill", "kind"],
        unique=True,
        sqlite_where=sa.text("status <> 'closed' AND waybill <> ''"),
        postgresql_where=sa.text("status <> 'closed' AND waybill <> ''"),
    )


def _create_ticket_events() -> None:
    op.create_table(
        "ticket_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("step", _word(TICKET_STEPS, "step"), nullable=False),
        sa.Column("from_status", _word(TICKET_STATUSES, "from_status"), nullable=True),
        sa.Column("to_status", _word(TICKET_STATUSES, "to_status"), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["tickets.id"],
            name=op.f("fk_ticket_events_ticket_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_events")),
    )
    op.create_index(op.f("ix_ticket_events_ticket_id"), "ticket_events", ["ticket_id"])


def _create_wishes() -> None:
    op.create_table(
        "wishes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tag", sa.String(length=64), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=True),
        sa.Column("attempt_id", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_wishes_delivery_id")
        ),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_wishes_attempt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wishes")),
        sa.UniqueConstraint("attempt_id", "tag", name=op.f("uq_wishes_attempt_id_tag")),
    )
    op.create_index(op.f("ix_wishes_delivery_id"), "wishes", ["delivery_id"], unique=False)
    op.create_index(op.f("ix_wishes_tag_at"), "wishes", ["tag", "at"], unique=False)


def _create_flow_versions() -> None:
    op.create_table(
        "flow_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("flow", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("main", sa.Text(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flow_versions")),
        sa.UniqueConstraint(
            "flow", "language", "version", name=op.f("uq_flow_versions_flow_language_version")
        ),
        sa.UniqueConstraint(
            "flow", "language", "digest", name=op.f("uq_flow_versions_flow_language_digest")
        ),
    )
    op.create_table(
        "flow_publications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("flow", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("flow_version_id", sa.Integer(), nullable=True),
        sa.Column("step", _word(PUBLICATION_STEPS, "step"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["flow_version_id"],
            ["flow_versions.id"],
            name=op.f("fk_flow_publications_flow_version_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flow_publications")),
    )
    op.create_index(
        op.f("ix_flow_publications_flow_language_id"),
        "flow_publications",
        ["flow", "language", "id"],
    )
