"""A store as large as a call centre's: a million contacts, their calls, and calls in progress.

The rows are made by the database itself (SQLite), which takes about a minute for a million.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from store.database import Database

SERIES: Final = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :n)"
BEFORE: Final = (
    "strftime('%Y-%m-%d %H:%M:%f000', 'now', '-' || ((:n - n.i) * 0.6 + 60) || ' seconds')"
)
"""A call each 0.6 s up to a minute ago: as fast as 200 lines call."""
OWNER: Final = "CASE WHEN n.i <= 700000 THEN 1 ELSE 2 + n.i % 9 END"
"""One campaign has most of the contacts; the newest calls belong to nine others."""

WHOLE: Final = 40_000
"""So many of the newest calls have a whole conversation; the older ones only its beginning."""
TALK: Final = (
    ("menling", "introduction", "", "您好,我是顺达快递的语音助手"),
    ("menling", "announcement", "", "您的手机壳今天下午派送"),
    ("menling", "can_receive", "", "请问方便收件吗?"),
    ("callee", "opening", "cannot_receive", "不方便,我下午不在家"),
    ("menling", "which_window", "", "那改到明天上午还是下午呢?"),
    ("callee", "which_window", "choose", "明天上午吧"),
    ("menling", "confirm_window", "", "明天上午九点到十二点,对吗?"),
    ("callee", "confirm_window", "yes", "对"),
    ("menling", "ask_hand_over", "", "您本人签收还是放在哪里?"),
    ("callee", "ask_hand_over", "choose", "放在门口就行"),
    ("menling", "consent", "", "放门口可能丢失,您同意吗?"),
    ("callee", "ask_consent", "yes", "同意"),
    ("menling", "rescheduled", "", "好的,已经为您改好了"),
    ("callee", "", "thanks", "谢谢"),
)
"""Speaker, prompt, intent and words of a conversation."""
SAID: Final = (
    "CREATE TEMP TABLE said (p INTEGER, speaker TEXT, prompt TEXT, intent TEXT, words TEXT)"
)

CAMPAIGNS: Final = (
    "INSERT INTO campaigns (id, name, flow, language, time_zone, company, callback_number, status,"
    " policy, created_at) SELECT n.i, '活动' || n.i, 'pre-delivery', 'zh-CN', 'Asia/Shanghai',"
    " '顺达快递', '', CASE WHEN n.i < 3 THEN 'running' ELSE 'finished' END, '{}',"
    " '2026-11-01 00:00:00.000000' FROM n"
)
ROWS: Final = (
    "INSERT INTO recipients (id, name, phone, extension)"
    " SELECT n.i, '王小明' || n.i, '+86138' || printf('%08d', n.i), '' FROM n",
    "INSERT INTO contacts (id, campaign_id, recipient_id, phone, extension, language, time_zone,"
    f" status, priority) SELECT n.i, {OWNER}, n.i, '+86138' || printf('%08d', n.i), '', 'zh-CN',"
    " 'Asia/Shanghai', CASE WHEN n.i % 10 < 2 THEN 'waiting' WHEN n.i % 10 = 2 THEN 'closed'"
    " ELSE 'done' END, 0 FROM n",
    "INSERT INTO deliveries (id, campaign_id, contact_id, waybill, address, item, merchant,"
    f" cod_fen, remarks, facts) SELECT n.i, {OWNER}, n.i, 'SF' || printf('%012d', n.i),"
    " '上海市浦东新区世纪大道' || n.i || '号', '手机壳', '小店', 0, '', '{}' FROM n",
    "INSERT INTO attempts (id, contact_id, number, phone, status, claimed_by, claimed_at,"
    " dialed_at, settled_at, cause, sip_status, answered, ring_seconds, talk_seconds,"
    " announcement, machine, flow_version, recording, error, media)"
    " SELECT n.i, n.i, 1, '+86138' || printf('%08d', n.i), 'settled', 'engine',"
    f" {BEFORE}, {BEFORE}, {BEFORE}, 'normal_clearing', 200, n.i % 5 < 3, 8.0,"
    " CASE WHEN n.i % 5 < 3 THEN 20 + n.i % 60 ELSE 0 END, '', '',"
    " CASE WHEN n.i % 5 < 3 THEN 'pre-delivery 2 0123456789ab' ELSE '' END, '', '', '{}'"
    " FROM n WHERE n.i % 10 >= 2",
    "INSERT INTO outcomes (id, contact_id, attempt_id, disposition, outcome, at, final,"
    " new_address, hand_over, consent_choice, consent_words, needs_person, notes, answers)"
    " SELECT id, contact_id, id, CASE WHEN NOT answered THEN 'no_answer'"
    " WHEN id % 7 = 0 THEN 'hung_up_midway' ELSE 'completed' END,"
    " CASE WHEN NOT answered THEN 'not_reached' WHEN id % 7 = 0 THEN 'unfinished'"
    " WHEN id % 1009 = 0 THEN 'opted_out' WHEN id % 11 = 0 THEN 'rescheduled'"
    " ELSE 'confirmed' END, settled_at, 1, '', '', '', '', '',"
    " CASE WHEN answered AND id % 7 = 0 THEN '{\"open_question\": \"which_window\"}' ELSE '{}' END,"
    " '{}' FROM attempts",
    "INSERT INTO turns (attempt_id, position, speaker, text, began_seconds, ended_seconds, prompt,"
    " intent, confidence, key, interrupted, latency_seconds)"
    " SELECT a.id, t.p, t.speaker, t.words, t.p * 3.0, t.p * 3.0 + 2.5, t.prompt, t.intent, 0.9,"
    " '', 0, CASE WHEN t.speaker = 'menling' THEN 0.7 ELSE NULL END FROM attempts a, said t"
    f" WHERE a.answered AND (t.p < 6 OR a.id > (SELECT max(id) FROM attempts) - {WHOLE})",
    "INSERT INTO suppressions (phone, reason, at, source)"
    " SELECT '+86139' || printf('%08d', n.i), 'opted_out', '2026-11-20 00:00:00.000000', 'call'"
    " FROM n WHERE n.i <= 20000",
)
LIVE: Final = (
    "UPDATE contacts SET status = 'in_call' WHERE id <= :live * 10 AND id % 10 = 1",
    "INSERT INTO attempts (contact_id, number, phone, status, claimed_by, claimed_at, dialed_at,"
    " cause, sip_status, answered, ring_seconds, talk_seconds, announcement, machine,"
    " flow_version, recording, error, media) SELECT id, 1, phone, 'dialing', 'engine', :at, :at,"
    " '', 0, 0, 0, 0, '', '', '', '', '', '{}' FROM contacts WHERE status = 'in_call'",
    "INSERT INTO live_calls (attempt_id, campaign_id, engine, stage, began_at, answered_at, state,"
    " speaker, words, flags, people, updated_at) SELECT id, 1, 'engine', 'talking', :at, :at,"
    " 'opening', 'callee', '', '[]', '[]', :at FROM attempts WHERE status = 'dialing'",
    "INSERT INTO engines (name, started_at, seen_at, slots, in_use, workers, trunk)"
    " VALUES ('engine', :at, :at, 200, 200, 50, '{\"host\": \"sip.example.com\"}')",
)


def fill(database: Database, contacts: int, live: int, at: str) -> None:
    """Fill an empty store: contacts with their calls, and `live` calls that go on."""
    with database.transaction() as session:
        session.execute(sa.text(SAID))
        session.execute(
            sa.text("INSERT INTO said VALUES (:p, :speaker, :prompt, :intent, :words)"),
            [
                dict(
                    zip(("p", "speaker", "prompt", "intent", "words"), (place, *turn), strict=True)
                )
                for place, turn in enumerate(TALK)
            ],
        )
        session.execute(sa.text(f"{SERIES} {CAMPAIGNS}"), {"n": 10})
        for statement in ROWS:
            # SQLite takes the series in front of INSERT, and binds what the statement names.
            text = f"{SERIES} {statement}" if " FROM n" in statement else statement
            session.execute(sa.text(text), {"n": contacts} if ":n" in text else {})
        for statement in LIVE:
            named = {"live": live, "at": at}
            session.execute(
                sa.text(statement), {key: named[key] for key in named if f":{key}" in statement}
            )
        session.execute(sa.text("DROP TABLE said"))
