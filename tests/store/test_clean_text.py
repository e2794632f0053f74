"""What no database takes as text gets into none, wherever it comes from."""

from __future__ import annotations

from datetime import datetime

import pytest
import sqlalchemy as sa

from store.clean_text import clean
from store.database import Database
from store.models import Campaign, Recipient
from store.people_queries import normal
from store.queries import campaign, create_campaign

NUL = "\0"
HALF = "\ud83d"
"""Half of a character beyond the first plane."""


@pytest.mark.parametrize("odd", [NUL, HALF])
def test_odd_characters_in_a_name_a_search_and_a_setting_are_left_out(
    database: Database, now: datetime, odd: str
) -> None:
    policy = {f"no{odd}te": [f"a{odd}b", {"deep": f"{odd}c"}], "text": "\\u0000 as typed"}
    with database.transaction() as session:
        made = create_campaign(
            session, name=f"早{odd}班", flow="pre-delivery", company="顺达", now=now, policy=policy
        )
        session.execute(
            sa.insert(Recipient),
            [{"name": f"{odd}安娜{odd}{n}", "phone": f"+{odd}86{n}"} for n in range(2)],
        )
    with database.reading() as session:
        assert campaign(session, made.id).name == "早班"
        kept = session.get_one(Campaign, made.id).policy
        assert kept == {"note": ["ab", {"deep": "c"}], "text": "\\u0000 as typed"}
        found = session.scalars(
            sa.select(Recipient.phone).where(Recipient.name.in_([f"安{odd}娜0", "安娜1"]))
        )
        assert sorted(found) == ["+860", "+861"]


def test_a_name_is_counted_as_one_however_it_is_broken_up_when_guessing() -> None:
    assert normal(f" Ad{NUL}mi{HALF}n") == normal("admin")


def test_bytes_and_numbers_stay_as_they_are() -> None:
    untouched = (b"\0", 0, None, 1.5, "文本", {"a": [b"\0"]})
    assert clean(untouched) == untouched
