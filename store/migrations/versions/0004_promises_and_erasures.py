"""Promises and erasures: who is called back by when, and which files of the forgotten are to go

Everything here is an addition, so that the program of the tables before goes on working.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ERASURES = ("call", "evidence", "manifest")
STATUSES_BEFORE = (
    "waiting",
    "offered",
    "accepted",
    "joined",
    "wrap_up",
    "done",
    "nobody",
    "lost",
    "failed",
)
STATUSES = (*STATUSES_BEFORE, "unwanted")
LINES = ("first", "second")


def upgrade() -> None:
    op.add_column(
        "agents", sa.Column("news", sa.String(length=32), server_default="", nullable=False)
    )
    op.add_column("transfers", sa.Column("visit", sa.Integer(), nullable=True))
    _replace_statuses(STATUSES)
    op.create_index(op.f("ix_tickets_attempt_id"), "tickets", ["attempt_id"])
    _create_erasures()
    _create_callbacks()


def downgrade() -> None:
    op.drop_table("callbacks")
    op.drop_table("erasures")
    op.drop_index(op.f("ix_tickets_attempt_id"), "tickets")
    op.execute("UPDATE transfers SET status = 'nobody' WHERE status = 'unwanted'")
    _replace_statuses(STATUSES_BEFORE)
    op.drop_column("transfers", "visit")
    op.drop_column("agents", "news")


def _create_erasures() -> None:
    """Files of people who were forgotten."""
    op.create_table(
        "erasures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", _word(ERASURES, "kind"), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("asked_at", _moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
        sa.UniqueConstraint("kind", "subject_id", name=op.f("uq_erasures_kind_subject_id")),
    )


def _create_callbacks() -> None:
    """What customers were told about a person who calls back."""
    op.create_table(
        "callbacks",
        sa.Column("attempt_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("due_at", _moment(), nullable=False),
        sa.Column("taken_by", sa.Integer(), nullable=True),
        sa.Column("taken_at", _moment(), nullable=True),
        sa.Column("done_at", _moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["attempts.id"],
            name=op.f("fk_callbacks_attempt_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["taken_by"], ["users.id"], name=op.f("fk_callbacks_taken_by")),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_callbacks")),
    )
    op.create_index(op.f("ix_callbacks_done_at_due_at"), "callbacks", ["done_at", "due_at"])


def _replace_statuses(statuses: tuple[str, ...]) -> None:
    name, law = "ck_transfers_status", _one_of("status", statuses)
    if op.get_context().dialect.name != "sqlite":
        op.drop_constraint(op.f(name), "transfers", type_="check")
        op.create_check_constraint(op.f(name), "transfers", law)
        return
    # SQLite changes a table by copying it. Not every Alembic reads old checks.
    table = sa.Table("transfers", sa.MetaData(), autoload_with=op.get_bind())
    for old in [each for each in table.constraints if isinstance(each, sa.CheckConstraint)]:
        table.constraints.remove(old)
    checks = {name: law, "ck_transfers_line": _one_of("line", LINES)}
    new = tuple(sa.CheckConstraint(each, name=op.f(named)) for named, each in checks.items())
    with op.batch_alter_table("transfers", copy_from=table, recreate="always", table_args=new):
        pass


def _one_of(column: str, words: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(each) for each in words)})"


def _moment() -> sa.DateTime:
    return sa.DateTime(timezone=True)


def _word(words: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)
