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
REVIEW_REASONS = ("flagged", "low_score", "long", "random", "chosen")
SEARCHES: tuple[tuple[str, list[str]], ...] = (
    ("attempts", ["dialed_at", "id"]),
    ("contacts", ["campaign_id", "status", "id"]),
    ("deliveries", ["waybill"]),
    ("recipients", ["name"]),
)
FRESH = "ix_contacts_fresh"
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
ROLES = ("admin", "supervisor", "agent", "viewer")
THEMES = ("system", "light", "dark")
TRAIL_STEPS = ("UPDATE", "DELETE")


def upgrade() -> None:
    _replace_speakers(SPEAKERS)
    _create_desk()
    _create_live()
    _create_kept()
    _index_searches()
    _create_reviews()
    _create_users()
    _create_trail()
    _create_events()


def downgrade() -> None:
    _forget_trail()
    op.drop_index(FRESH, "contacts")
    for searched, searched_by in SEARCHES:
        op.drop_index(op.f(f"ix_{searched}_{'_'.join(searched_by)}"), searched)
    for table in (
        "idempotency_keys",
        "parcel_events",
        "audit_entries",
        "login_failures",
        "api_tokens",
        "web_sessions",
        "user_links",
        "users",
        "case_tags",
        "call_cases",
        "call_comments",
        "reviews",
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
    op.create_index(
        op.f("ix_transfers_forms_to_apply"),
        "transfers",
        ["form_at", "id"],
        sqlite_where=sa.text("form_at IS NOT NULL AND form_applied IS 0"),
        postgresql_where=sa.text("form_at IS NOT NULL AND form_applied IS FALSE"),
    )
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


def _create_events() -> None:
    """What other systems tell us."""
    op.create_table(
        "parcel_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.String(length=128), nullable=False),
        sa.Column("waybill", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("at", _moment(), nullable=False),
        sa.Column("received_at", _moment(), nullable=False),
        sa.Column("withdrawn", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parcel_events")),
        sa.UniqueConstraint("event_id", name=op.f("uq_parcel_events_event_id")),
    )
    _index("parcel_events", ["waybill", "at"])
    op.create_table(
        "idempotency_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_id", sa.Integer(), nullable=False),
        sa.Column("at", _moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_keys")),
        sa.UniqueConstraint("user_id", "key", name=op.f("uq_idempotency_keys_user_id_key")),
    )
    _index("idempotency_keys", ["at"])


def _create_reviews() -> None:
    op.create_table(
        "reviews",
        sa.Column("id", sa.Integer(), nullable=False),
        _of_a_call("reviews"),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("reason", _word(REVIEW_REASONS, "reason"), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("listed_at", _moment(), nullable=False),
        sa.Column("sheet", sa.String(length=32), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("done_by", sa.String(length=64), nullable=False),
        sa.Column("done_at", _moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
        sa.UniqueConstraint("attempt_id", "week", name=op.f("uq_reviews_attempt_id_week")),
    )
    _index("reviews", ["week", "done_at"])
    op.create_table(
        "call_comments",
        sa.Column("id", sa.Integer(), nullable=False),
        _of_a_call("call_comments"),
        sa.Column("at_seconds", sa.Double(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_by", sa.String(length=64), nullable=False),
        sa.Column("written_at", _moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_comments")),
    )
    _index("call_comments", ["attempt_id"])
    op.create_table(
        "call_cases",
        sa.Column("id", sa.Integer(), nullable=False),
        _of_a_call("call_cases"),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("lesson", sa.Text(), nullable=False),
        sa.Column("saved_by", sa.String(length=64), nullable=False),
        sa.Column("saved_at", _moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_cases")),
        sa.UniqueConstraint("attempt_id", name=op.f("uq_call_cases_attempt_id")),
    )
    op.create_table(
        "case_tags",
        sa.Column(
            "case_id",
            sa.Integer(),
            sa.ForeignKey("call_cases.id", name="fk_case_tags_case_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("tag", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "tag", name=op.f("pk_case_tags")),
    )
    _index("case_tags", ["tag"])


def _of_a_call(table: str) -> sa.Column[int]:
    call = sa.ForeignKey("attempts.id", name=f"fk_{table}_attempt_id", ondelete="CASCADE")
    return sa.Column("attempt_id", sa.Integer(), call, nullable=False)


def _index_searches() -> None:
    """What people look for among a million."""
    for table, columns in SEARCHES:
        _index(table, columns)
    op.create_index(
        FRESH,
        "contacts",
        ["campaign_id", "status", "priority", "id"],
        sqlite_where=sa.text("next_call_at IS NULL"),
        postgresql_where=sa.text("next_call_at IS NULL"),
    )


def _create_users() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", _word(ROLES, "role"), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("theme", _word(THEMES, "theme"), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", _moment(), nullable=False),
        sa.Column("signed_in_at", _moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("login", name=op.f("uq_users_login")),
    )
    op.create_table(
        "user_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("secret_digest", sa.String(length=64), nullable=False),
        sa.Column("made_at", _moment(), nullable=False),
        sa.Column("expires_at", _moment(), nullable=False),
        sa.Column("used_at", _moment(), nullable=True),
        *_of_a_user("user_links"),
    )
    op.create_table(
        "web_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("secret_digest", sa.String(length=64), nullable=False),
        sa.Column("began_at", _moment(), nullable=False),
        sa.Column("expires_at", _moment(), nullable=False),
        *_of_a_user("web_sessions"),
    )
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret_digest", sa.String(length=64), nullable=False),
        sa.Column("role", _word(ROLES, "role"), nullable=False),
        sa.Column("made_at", _moment(), nullable=False),
        sa.Column("used_at", _moment(), nullable=True),
        sa.Column("revoked_at", _moment(), nullable=True),
        *_of_a_user("api_tokens"),
    )
    for table in ("user_links", "web_sessions", "api_tokens"):
        _index(table, ["user_id"])
    _index("web_sessions", ["expires_at"])


def _of_a_user(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f(f"fk_{table}_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("secret_digest", name=op.f(f"uq_{table}_secret_digest")),
    )


def _create_trail() -> None:
    """Create what is only ever added to, and the failures to sign in."""
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", _moment(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("token_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=48), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_audit_entries_user_id")),
        sa.ForeignKeyConstraint(
            ["token_id"], ["api_tokens.id"], name=op.f("fk_audit_entries_token_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    for columns in (["at"], ["kind", "subject", "id"], ["user_id", "id"]):
        _index("audit_entries", columns)
    op.create_table(
        "login_failures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", _moment(), nullable=False),
        sa.Column("login_digest", sa.String(length=64), nullable=False),
        sa.Column("address_digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_failures")),
    )
    for columns in (["at"], ["login_digest", "at"], ["address_digest", "at"]):
        _index("login_failures", columns)
    refusal = "the audit trail is only ever added to"
    if op.get_context().dialect.name == "sqlite":
        for step in TRAIL_STEPS:
            op.execute(
                f"CREATE TRIGGER audit_entries_no_{step.lower()} BEFORE {step} ON audit_entries "
                f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_entries_stay() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{refusal}'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER audit_entries_stay BEFORE {' OR '.join(TRAIL_STEPS)} ON audit_entries "
        "FOR EACH ROW EXECUTE FUNCTION audit_entries_stay()"
    )


def _forget_trail() -> None:
    if op.get_context().dialect.name == "sqlite":
        for step in TRAIL_STEPS:
            op.execute(f"DROP TRIGGER audit_entries_no_{step.lower()}")
        return
    op.execute("DROP TRIGGER audit_entries_stay ON audit_entries")
    op.execute("DROP FUNCTION audit_entries_stay")


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
