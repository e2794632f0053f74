"""People: who sits at the desk, who may use the console, and what goes on at this moment

Everything here is an addition, so that the program of the tables before goes on working.
"""

from __future__ import annotations

from contextlib import AbstractContextManager

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SPEAKERS_BEFORE = ("menling", "callee")
SPEAKERS = (*SPEAKERS_BEFORE, "agent", "supervisor", "third")

AGENT_STATES = ("off", "break", "ready", "offered", "talking", "wrap_up")
DEVICES = ("sip", "browser")
LINES = ("first", "second")
TRANSFER_STATUSES = (
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
ORDERS = (
    "accept",
    "decline",
    "leave",
    "listen",
    "whisper",
    "barge",
    "take_over",
    "end_call",
    "transfer_out",
    "complete",
    "cancel",
    "form",
)


def upgrade() -> None:
    _replace_speakers(SPEAKERS)
    _create_desk()
    _create_live()
    _create_kept()


def downgrade() -> None:
    for table in (
        "call_visits",
        "call_flags",
        "engines",
        "live_turns",
        "live_calls",
        "desk_orders",
        "transfers",
        "agents",
    ):
        op.drop_table(table)
    op.execute("UPDATE turns SET speaker = 'menling' WHERE speaker NOT IN ('menling', 'callee')")
    _replace_speakers(SPEAKERS_BEFORE)


def _create_desk() -> None:
    op.create_table(
        "agents",
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("device_kind", _word(DEVICES, "device_kind"), nullable=False),
        sa.Column("device_address", sa.Text(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("state", _word(AGENT_STATES, "state"), nullable=False),
        sa.Column("state_since", _moment(), nullable=False),
        sa.Column("seen_at", _moment(), nullable=False),
        sa.Column("transfer_id", sa.Integer(), nullable=True),
        sa.Column("passes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_agents")),
    )
    op.create_table(
        "transfers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("engine", sa.String(length=128), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("label", sa.JSON(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("line", _word(LINES, "line"), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("brief", sa.JSON(), nullable=False),
        sa.Column("status", _word(TRANSFER_STATUSES, "status"), nullable=False),
        sa.Column("requested_at", _moment(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("passed_by", sa.JSON(), nullable=False),
        sa.Column("offered_at", _moment(), nullable=True),
        sa.Column("accepted_at", _moment(), nullable=True),
        sa.Column("joined_at", _moment(), nullable=True),
        sa.Column("ended_at", _moment(), nullable=True),
        sa.Column("ended_how", sa.String(length=32), nullable=False),
        sa.Column("form", sa.JSON(), nullable=False),
        sa.Column("form_at", _moment(), nullable=True),
        sa.Column("form_applied", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_transfers_attempt_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfers")),
    )
    for columns in (["attempt_id"], ["agent_id"], ["status", "requested_at"]):
        _index("transfers", columns)
    op.create_table(
        "desk_orders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", _moment(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("engine", sa.String(length=128), nullable=False),
        sa.Column("kind", _word(ORDERS, "kind"), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=True),
        sa.Column("transfer_id", sa.Integer(), nullable=True),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("taken_at", _moment(), nullable=True),
        sa.Column("answered_at", _moment(), nullable=True),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("refused", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_orders")),
    )
    _index("desk_orders", ["engine", "taken_at", "id"])


def _create_live() -> None:
    op.create_table(
        "live_calls",
        sa.Column("attempt_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("engine", sa.String(length=128), nullable=False),
        sa.Column("stage", sa.String(length=32), nullable=False),
        sa.Column("began_at", _moment(), nullable=False),
        sa.Column("answered_at", _moment(), nullable=True),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("speaker", sa.String(length=32), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("people", sa.JSON(), nullable=False),
        sa.Column("updated_at", _moment(), nullable=False),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_live_calls")),
    )
    _index("live_calls", ["engine"])
    op.create_table(
        "live_turns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("speaker", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("began_seconds", sa.Double(), nullable=False),
        sa.Column("ended_seconds", sa.Double(), nullable=False),
        sa.Column("intent", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_turns")),
    )
    _index("live_turns", ["attempt_id", "position"], unique=True)
    op.create_table(
        "engines",
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("started_at", _moment(), nullable=False),
        sa.Column("seen_at", _moment(), nullable=False),
        sa.Column("slots", sa.Integer(), nullable=False),
        sa.Column("in_use", sa.Integer(), nullable=False),
        sa.Column("workers", sa.Integer(), nullable=False),
        sa.Column("trunk", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_engines")),
    )


def _create_kept() -> None:
    """What stays of a call that a person had to do with."""
    op.create_table(
        "call_flags",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("line", _word(LINES, "line"), nullable=False),
        sa.Column("label", sa.JSON(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["attempts.id"],
            name=op.f("fk_call_flags_attempt_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_flags")),
        sa.UniqueConstraint("attempt_id", "rule", name=op.f("uq_call_flags_attempt_id_rule")),
    )
    _index("call_flags", ["rule", "id"])
    op.create_table(
        "call_visits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("began_seconds", sa.Double(), nullable=False),
        sa.Column("ended_seconds", sa.Double(), nullable=False),
        sa.Column("spoke", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["attempts.id"],
            name=op.f("fk_call_visits_attempt_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_visits")),
    )
    _index("call_visits", ["attempt_id"])


def _replace_speakers(speakers: tuple[str, ...]) -> None:
    name, law = "ck_turns_speaker", f"speaker IN ({', '.join(repr(each) for each in speakers)})"
    if op.get_context().dialect.name == "sqlite":
        with _copied("turns", {name: law}):
            pass
        return
    op.drop_constraint(op.f(name), "turns", type_="check")
    op.create_check_constraint(op.f(name), "turns", law)


def _copied(name: str, checks: dict[str, str]) -> AbstractContextManager[BatchOperations]:
    """Copy a table, which is how SQLite changes one. Not every Alembic reads old checks."""
    table = sa.Table(name, sa.MetaData(), autoload_with=op.get_bind())
    for old in [each for each in table.constraints if isinstance(each, sa.CheckConstraint)]:
        table.constraints.remove(old)
    new = tuple(sa.CheckConstraint(law, name=op.f(each)) for each, law in checks.items())
    return op.batch_alter_table(name, copy_from=table, recreate="always", table_args=new)


def _index(table: str, columns: list[str], *, unique: bool = False) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, columns, unique=unique)


def _moment() -> sa.DateTime:
    return sa.DateTime(timezone=True)


def _word(words: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)
