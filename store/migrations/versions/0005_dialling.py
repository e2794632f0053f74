"""Dialling: claims with a lease, several trunks, merchants' own lists, and what comes and goes

Everything here is an addition, so that the program of the tables before goes on working.
"""

from __future__ import annotations

from collections.abc import Iterable

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


def downgrade() -> None:
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
