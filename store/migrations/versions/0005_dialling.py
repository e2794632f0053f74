"""Dialling: claims with a lease, several trunks, merchants' own lists, and what comes and goes

Everything here is an addition, so that the program of the tables before goes on working.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
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
    "open_ticket",
)
DISPOSITIONS = (*DISPOSITIONS_BEFORE, "abandoned", "withdrawn", "out_of_scope")
OUTCOMES_BEFORE = (
    "confirmed",
    "rescheduled",
    "address_changed",
    "hand_over_changed",
    "refused",
    "wrong_number",
    "opted_out",
    "callback_promised",
    "informed",
    "received",
    "problem_reported",
    "rated",
    "solution_chosen",
    "pickup_agreed",
    "message_left",
    "unfinished",
    "not_reached",
    "suppressed",
    "expired",
    "unknown",
)
OUTCOMES = (*OUTCOMES_BEFORE, "withdrawn", "not_called")
REASONS = ("opted_out", "wrong_number", "complaint", "operator", "listed")


def upgrade() -> None:
    _replace_words(DISPOSITIONS, OUTCOMES)
    _widen_attempts()
    _widen_contacts()
    _let_merchants_have_lists()
    op.add_column("recipients", _text("email"))
    op.add_column("manifests", _count("rows_done"))
    op.add_column("manifests", sa.Column("finished_at", _moment(), nullable=True))
    op.execute(
        "UPDATE manifests SET finished_at = imported_at WHERE content_hash NOT LIKE 'begun %'"
    )
    _make_room_for_messages()
    _let_one_lead()
    _ask_what_became_of_calls()
    _find_whose_time_has_come()
    _take_live_events_down()
    _watch_nodes()
    op.add_column("agents", _flag("auto_answer"))


def downgrade() -> None:
    op.drop_column("agents", "auto_answer")
    op.drop_table("node_alerts")
    op.drop_table("node_times")
    op.drop_table("live_events")
    op.drop_table("reconciliations")
    op.drop_index("ix_contacts_due", "contacts")
    _find_who_was_never_called("priority")
    op.drop_table("leaders")
    _forget_messages()
    op.drop_column("manifests", "finished_at")
    op.drop_column("manifests", "rows_done")
    op.drop_column("recipients", "email")
    _forget_lists_of_merchants()
    for column in ("merchant", "region", "product_line", "script", "next_script", "held"):
        op.drop_column("contacts", column)
    op.drop_index(op.f("ix_attempts_phone_dialed_at"), "attempts")
    op.drop_index("uq_attempts_call_id", "attempts")
    for column in ("fence", "lease_until", "call_id", "trunk", "caller_id"):
        op.drop_column("attempts", column)
    op.execute("UPDATE outcomes SET disposition = 'expired' WHERE disposition = 'withdrawn'")
    op.execute("UPDATE outcomes SET disposition = 'suppressed' WHERE disposition = 'out_of_scope'")
    op.execute(
        "UPDATE outcomes SET disposition = 'no_conversation' WHERE disposition = 'abandoned'"
    )
    op.execute("UPDATE outcomes SET outcome = 'expired' WHERE outcome = 'withdrawn'")
    op.execute("UPDATE outcomes SET outcome = 'suppressed' WHERE outcome = 'not_called'")
    _replace_words(DISPOSITIONS_BEFORE, OUTCOMES_BEFORE)


def _make_room_for_messages() -> None:
    """What goes out, what worked with whom, and which outcomes nobody was told of yet."""
    op.add_column("outcomes", _flag("told"))
    op.execute("UPDATE outcomes SET told = true")
    op.create_index(
        "ix_outcomes_untold",
        "outcomes",
        ["id"],
        sqlite_where=sa.text("told = 0"),
        postgresql_where=sa.text("NOT told"),
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.Integer(), nullable=False),
        _word("kind", "webhook", "database", "sms", "email"),
        sa.Column("event", sa.String(64), nullable=False),
        sa.Column("target", sa.String(64), nullable=False),
        sa.Column("idempotency_key", sa.String(128), nullable=False),
        _reference("contact_id"),
        _reference("attempt_id"),
        _reference("ticket_id"),
        _reference("outcome_id"),
        _text("waybill", 64),
        _text("merchant"),
        _text("phone", 20),
        _text("address"),
        _text("subject"),
        _text("body"),
        _text("language", 16),
        _text("time_zone", 64),
        sa.Column("created_at", _moment(), nullable=False),
        sa.Column("next_try_at", _moment(), nullable=False),
        sa.Column("useful_until", _moment(), nullable=True),
        _text("claimed_by"),
        sa.Column("lease_until", _moment(), nullable=True),
        _flag("handed_over"),
        _count("tries"),
        _word("status", "pending", "sent", "dead", "cancelled"),
        _word(
            "why",
            "",
            "refused",
            "tries",
            "unknown",
            "unwanted",
            "too_late",
            "operator",
            "forgotten",
            server_default="",
        ),
        _text("last_error"),
        sa.Column("sent_at", _moment(), nullable=True),
        _text("provider_id", 128),
        _word("delivery", "", "delivered", "failed", server_default=""),
        sa.Column("delivered_at", _moment(), nullable=True),
        _text("conflict"),
        _flag("conflict_open"),
        *(
            sa.ForeignKeyConstraint(
                [f"{name}_id"], [f"{name}s.id"], name=op.f(f"fk_messages_{name}_id")
            )
            for name in ("contact", "attempt", "ticket", "outcome")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_messages_idempotency_key")),
    )
    for columns in (
        ["status", "id"],
        ["provider_id"],
        ["contact_id"],
        ["attempt_id"],
        ["ticket_id"],
        ["outcome_id"],
        ["phone"],
    ):
        op.create_index(op.f(f"ix_messages_{'_'.join(columns)}"), "messages", columns)
    pending = sa.text("status = 'pending'")
    op.create_index(
        "ix_messages_due",
        "messages",
        ["target", "next_try_at", "id"],
        sqlite_where=pending,
        postgresql_where=pending,
    )
    op.create_index(
        "ix_messages_conflicts",
        "messages",
        ["id"],
        sqlite_where=sa.text("conflict_open = 1"),
        postgresql_where=sa.text("conflict_open"),
    )
    op.create_table(
        "channel_results",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("phone", sa.String(20), nullable=False),
        _word("channel", "call", "sms", "email"),
        sa.Column("worked", sa.Double(), nullable=False),
        sa.Column("failed", sa.Double(), nullable=False),
        sa.Column("at", _moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel_results")),
        sa.UniqueConstraint("phone", "channel", name=op.f("uq_channel_results_phone_channel")),
    )


def _forget_messages() -> None:
    op.drop_table("channel_results")
    op.drop_table("messages")
    op.drop_index("ix_outcomes_untold", "outcomes")
    op.drop_column("outcomes", "told")


def _ask_what_became_of_calls() -> None:
    """Attempts whose fate is unknown wait for evidence; those of before, too."""
    op.create_table(
        "reconciliations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", _moment(), nullable=False),
        _text("why"),
        sa.Column("resolved_at", _moment(), nullable=True),
        sa.Column("how", sa.String(32), nullable=True),
        _text("resolved_by"),
        _text("evidence"),
        sa.CheckConstraint(
            _one_of("how", ("late_report", "cdr", "recording", "operator", "agent")),
            name=op.f("ck_reconciliations_how"),
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["attempts.id"],
            name=op.f("fk_reconciliations_attempt_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliations")),
        sa.UniqueConstraint("attempt_id", name=op.f("uq_reconciliations_attempt_id")),
    )
    unknown = sa.text("resolved_at IS NULL")
    op.create_index(
        "ix_reconciliations_open",
        "reconciliations",
        ["id"],
        sqlite_where=unknown,
        postgresql_where=unknown,
    )
    op.execute(
        "INSERT INTO reconciliations (attempt_id, asked_at, why)"
        " SELECT outcomes.attempt_id, max(outcomes.at), '' FROM outcomes"
        " JOIN contacts ON contacts.id = outcomes.contact_id"
        " WHERE contacts.status = 'needs_reconciliation'"
        " AND outcomes.disposition = 'interrupted' AND outcomes.attempt_id IS NOT NULL"
        " GROUP BY outcomes.attempt_id"
    )


def _find_whose_time_has_come() -> None:
    """A million who were put off are never sorted."""
    put_off = sa.text("next_call_at IS NOT NULL")
    op.create_index(
        "ix_contacts_due",
        "contacts",
        ["campaign_id", "status", "time_zone", "priority", "next_call_at", "id"],
        sqlite_where=put_off,
        postgresql_where=put_off,
    )
    _find_who_was_never_called("time_zone", "priority")


def _find_who_was_never_called(*by: str) -> None:
    never = sa.text("next_call_at IS NULL")
    op.drop_index("ix_contacts_fresh", "contacts")
    op.create_index(
        "ix_contacts_fresh",
        "contacts",
        ["campaign_id", "status", *by, "id"],
        sqlite_where=never,
        postgresql_where=never,
    )


def _take_live_events_down() -> None:
    op.create_table(
        "live_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("event_id", sa.String(128), nullable=False),
        sa.Column("event", sa.String(64), nullable=False),
        sa.Column("waybill", sa.String(64), nullable=False),
        sa.Column("at", _moment(), nullable=False),
        sa.Column("received_at", _moment(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        _word("status", "taken", "handled", "refused"),
        sa.Column("next_try_at", _moment(), nullable=False),
        _text("error"),
        _reference("contact_id"),
        sa.Column("handled_at", _moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_live_events_contact_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_events")),
        sa.UniqueConstraint("source", "event_id", name=op.f("uq_live_events_source_event_id")),
    )
    op.create_index(op.f("ix_live_events_contact_id"), "live_events", ["contact_id"])
    waiting = sa.text("status = 'taken'")
    op.create_index(
        "ix_live_events_open",
        "live_events",
        ["next_try_at", "id"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )


def _watch_nodes() -> None:
    _create_of_nodes("node_times", _maybe("at"), _maybe("due_at"))
    due = sa.text("due_at IS NOT NULL")
    op.create_index(
        "ix_node_times_due", "node_times", ["due_at"], sqlite_where=due, postgresql_where=due
    )
    _create_of_nodes(
        "node_alerts",
        sa.Column("owner", sa.String(32), nullable=False),
        sa.Column("due_at", _moment(), nullable=False),
        sa.Column("raised_at", _moment(), nullable=False),
        _maybe("acknowledged_at"),
        _text("acknowledged_by"),
        _maybe("cleared_at"),
    )
    late = sa.text("cleared_at IS NULL")
    op.create_index(
        "ix_node_alerts_open", "node_alerts", ["id"], sqlite_where=late, postgresql_where=late
    )


def _create_of_nodes(table: str, *columns: sa.Column[Any]) -> None:
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("waybill", sa.String(64), nullable=False),
        sa.Column("node", sa.String(32), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("waybill", "node", name=op.f(f"uq_{table}_waybill_node")),
    )


def _replace_words(dispositions: Iterable[str], outcomes: Iterable[str]) -> None:
    checks = {
        "ck_outcomes_disposition": _one_of("disposition", dispositions),
        "ck_outcomes_outcome": _one_of("outcome", outcomes),
    }
    if op.get_context().dialect.name == "sqlite":
        _copy(_as_it_is("outcomes"), checks)
        return
    for name, law in checks.items():
        op.drop_constraint(op.f(name), "outcomes", type_="check")
        op.create_check_constraint(op.f(name), "outcomes", law)


def _widen_attempts() -> None:
    """A claim is a lease under a fence, and is bound to its SIP call before the INVITE."""
    op.add_column("attempts", sa.Column("fence", sa.Integer(), server_default="1", nullable=False))
    op.add_column("attempts", sa.Column("lease_until", _moment(), nullable=True))
    op.add_column("attempts", _text("call_id", 128))
    op.add_column("attempts", _text("trunk", 64))
    op.add_column("attempts", _text("caller_id", 64))
    bound = sa.text("call_id <> ''")
    op.create_index(
        "uq_attempts_call_id",
        "attempts",
        ["call_id"],
        unique=True,
        sqlite_where=bound,
        postgresql_where=bound,
    )
    op.create_index(op.f("ix_attempts_phone_dialed_at"), "attempts", ["phone", "dialed_at"])


def _widen_contacts() -> None:
    for column, length in (
        ("merchant", None),
        ("region", 64),
        ("product_line", 64),
        ("script", 32),
        ("next_script", 32),
        ("held", 32),
    ):
        op.add_column("contacts", _text(column, length))


def _let_merchants_have_lists() -> None:
    """A number may be unwanted by all, or to one merchant only."""
    op.add_column("suppressions", _text("merchant"))
    op.add_column("suppressions", _text("evidence"))
    _replace_unique(["phone", "merchant"])


def _let_one_lead() -> None:
    """Of all engines one does what must be done once."""
    op.create_table(
        "leaders",
        sa.Column("office", sa.String(length=32), nullable=False),
        sa.Column("holder", sa.String(length=255), server_default="", nullable=False),
        sa.Column("term", sa.Integer(), server_default="0", nullable=False),
        sa.Column("since", _moment(), nullable=False),
        sa.Column("until", _moment(), nullable=True),
        sa.PrimaryKeyConstraint("office", name=op.f("pk_leaders")),
    )


def _forget_lists_of_merchants() -> None:
    op.execute("DELETE FROM suppressions WHERE merchant <> ''")
    _replace_unique(["phone"])
    op.drop_column("suppressions", "evidence")
    op.drop_column("suppressions", "merchant")


def _replace_unique(columns: list[str]) -> None:
    name = f"uq_suppressions_{'_'.join(columns)}"
    if op.get_context().dialect.name != "sqlite":
        old = "phone" if len(columns) > 1 else "phone_merchant"
        op.drop_constraint(op.f(f"uq_suppressions_{old}"), "suppressions", type_="unique")
        op.create_unique_constraint(op.f(name), "suppressions", columns)
        return
    table = _as_it_is("suppressions")
    for old_law in [each for each in table.constraints if isinstance(each, sa.UniqueConstraint)]:
        table.constraints.remove(old_law)
    checks = {"ck_suppressions_reason": _one_of("reason", REASONS)}
    _copy(table, checks, sa.UniqueConstraint(*columns, name=op.f(name)))


def _as_it_is(name: str) -> sa.Table:
    """Read a table without its checks: not every Alembic reads them."""
    table = sa.Table(name, sa.MetaData(), autoload_with=op.get_bind())
    for old in [each for each in table.constraints if isinstance(each, sa.CheckConstraint)]:
        table.constraints.remove(old)
    return table


def _copy(table: sa.Table, checks: dict[str, str], *laws: sa.Constraint) -> None:
    """Copy a table under other laws, which is how SQLite changes one."""
    new = (*(sa.CheckConstraint(law, name=op.f(each)) for each, law in checks.items()), *laws)
    with op.batch_alter_table(table.name, copy_from=table, recreate="always", table_args=new):
        pass


def _one_of(column: str, words: Iterable[str]) -> str:
    return f"{column} IN ({', '.join(repr(each) for each in words)})"


def _text(name: str, length: int | None = None) -> sa.Column[str]:
    kind = sa.Text() if length is None else sa.String(length=length)
    return sa.Column(name, kind, server_default="", nullable=False)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), server_default="0", nullable=False)


def _moment() -> sa.DateTime:
    return sa.DateTime(timezone=True)


def _maybe(name: str) -> sa.Column[datetime]:
    return sa.Column(name, _moment(), nullable=True)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False)


def _word(name: str, *words: str, server_default: str | None = None) -> sa.Column[str]:
    kind = sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)
    return sa.Column(name, kind, server_default=server_default, nullable=False)


def _reference(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=True)
