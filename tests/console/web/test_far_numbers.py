"""Numbers and days at the far ends: the millionth call, ids no column holds, years long ago."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from console.web.audit import Action, record
from console.web.desk_form import FormError, payload_of
from store.audit_queries import audit_entries
from store.models import Attempt
from store.people_values import AuditFilter

NO_ID = (0, 2**31, 2**63, 10**25)

SEEN = (
    "/supervise/{n}", "/supervise/{n}/now", "/calls/{n}", "/calls/{n}/live", "/calls/{n}/notes",
    "/calls/{n}/recording", "/calls/{n}/waveform", "/calls/{n}/clips/a", "/contacts/{n}",
    "/campaigns/{n}", "/campaigns/{n}/contacts", "/campaigns/{n}/manifests/1/problems",
    "/reviews/{n}",
)  # fmt: skip
NARROWED = (
    "/audit?user={n}&subject={n}", "/calls?campaign={n}&shortest={n}&longest={n}",
    "/flow-map?campaign={n}", "/reviews?week={n}",
)  # fmt: skip
DONE = (
    ("/supervise/{n}/join", {"way": "listen"}),
    ("/supervise/{n}/leave", {}),
    ("/supervise/{n}/end", {}),
    ("/calls/{n}/comments", {"text": "x"}),
    ("/calls/{n}/list", {}),
    ("/calls/{n}/case", {"title": "x"}),
    ("/reviews/{n}", {}),
    ("/users/{n}", {"name": "x", "role": "viewer"}),
    ("/users/{n}/link", {}),
    ("/tokens/{n}/revoke", {}),
    ("/suppression/{n}/lift", {"why": "owner_asked"}),
    ("/campaigns/{n}/steps/start", {}),
    ("/desk/accept", {"transfer": "{n}"}),
    ("/desk/decline", {"transfer": "{n}"}),
    ("/desk/leave", {"transfer": "{n}", "then": "robot"}),
    ("/desk/transfer", {"transfer": "{n}", "uri": "6001"}),
    ("/desk/transfer/complete", {"transfer": "{n}"}),
    ("/desk/transfer/cancel", {"transfer": "{n}"}),
    ("/desk/form", {"transfer": "{n}", "outcome": "confirmed"}),
)


def test_an_id_that_no_column_holds_is_not_found_and_breaks_nothing(admin) -> None:
    for number in NO_ID:
        answers = {path: admin.get(path.format(n=number)).status_code for path in SEEN}
        assert set(answers.values()) <= {404, 422}, answers


def test_a_filter_that_no_column_holds_narrows_nothing(admin) -> None:
    for number in NO_ID:
        answers = {path: admin.get(path.format(n=number)).status_code for path in NARROWED}
        assert set(answers.values()) == {200}, answers


def test_nothing_is_done_to_an_id_that_no_column_holds(admin) -> None:
    for number in NO_ID:
        for path, fields in DONE:
            sent = {name: value.format(n=number) for name, value in fields.items()}
            answer = admin.post(path.format(n=number), sent)
            assert answer.status_code in (404, 409, 422), (path, answer.status_code)


def test_the_millionth_call_is_shown_and_written_down(admin, calls, database) -> None:
    calls.contact()
    call = calls.dial()
    with database.transaction() as session:
        session.execute(sa.update(Attempt).where(Attempt.id == call).values(id=2_345_678))
    assert admin.get("/calls/2345678").status_code == 200
    with database.reading() as session:
        wanted = AuditFilter(action=Action.CALL_SEEN.value, kind="call", subject="2345678")
        assert len(audit_entries(session, wanted, 10)) == 1


def test_a_text_that_may_be_a_number_of_somebody_is_written_down_nowhere(database) -> None:
    with database.transaction() as session:
        with pytest.raises(ValueError, match="ids and words"):
            record(session, None, Action.CALL_SEEN, "call", "13800138000")
        with pytest.raises(ValueError, match="ids and words"):
            record(session, None, Action.CALL_SEEN, "call", 1, {"to": "13800138000"})


@pytest.mark.parametrize("week", ["", "0001-01-01", "9999-12-31", "nonsense"])
def test_a_week_that_is_none_shows_the_usual_one_and_is_not_drawn(admin, week) -> None:
    assert admin.get(f"/reviews?week={week}").status_code == 200
    assert admin.post("/reviews/draw", {"week": week}).status_code == 422


@pytest.mark.parametrize("at", ["0001-01-01T00:00", "9999-12-31T23:59", "20261122"])
def test_a_form_agrees_on_nothing_at_the_end_of_time(at) -> None:
    with pytest.raises(FormError):
        payload_of({"outcome": "informed", "call_again_at": at}, ZoneInfo("America/New_York"))
