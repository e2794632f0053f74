"""Campaigns from the command line: made, run, limited, explained."""

from __future__ import annotations

from pathlib import Path

import pytest

HEADER = "运单号,收件人,电话,地址,预约时段,商家,区域"


@pytest.fixture
def sheet(at_home: Path) -> Path:
    """Eight people in the east, one of them with two parcels, and two in the south."""
    path = at_home / "m.csv"
    rows = [f"SD{n:04},王{n},139{n:08},幸福路{n}号,明天 14:00-16:00,书店,华东" for n in range(8)]
    rows.append("SD0100,王7,13900000007,幸福路7号,明天 14:00-16:00,花店,华东")
    rows += [f"SS{n:04},李{n},138{n:08},和平路{n}号,明天 14:00-16:00,书店,华南" for n in range(2)]
    path.write_text("\n".join([HEADER, *rows]), "utf-8")
    return path


@pytest.fixture
def tomorrow(menling, sheet: Path) -> str:
    """A draft with ten contacts."""
    made = menling("campaign", "create", "tomorrow", "--flow", "pre-delivery")
    assert made.status == 0, made.complained
    read = menling("campaign", "import", "tomorrow", sheet)
    assert read.status == 0
    assert "1 of the new ones" in read.said
    return "tomorrow"


def test_a_campaign_goes_through_its_life_and_says_what_to_do_instead(menling, tomorrow) -> None:
    refused = menling("campaign", "pause", tomorrow)
    assert refused.status == 1
    assert "menling campaign start tomorrow" in refused.complained
    for step, word in (("start", "running"), ("pause", "paused"), ("resume", "running")):
        assert word in menling("campaign", step, tomorrow).said
    assert "10 contacts" in menling("campaign", "status", tomorrow).said
    assert "10 who waited are closed" in menling("campaign", "cancel", tomorrow, "--yes").said
    gone = menling("campaign", "start", tomorrow)
    assert "cancelled for good" in gone.complained
    assert "tomorrow" in menling("campaign", "list").said


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("max_attempts=0", "max_attempts"),
        ("scope.share=2", "share"),
        ("nonsense=1", "nonsense"),
        ('scripts=[{name="a",version="77"}]', "was never published"),
        ("max_attempts", "key=value"),
        ('trunks.use=["sparse"]', "No trunk is called sparse"),
    ],
)
def test_a_policy_that_cant_be_used_makes_no_campaign(menling, wrong: str, told: str) -> None:
    answer = menling("campaign", "create", "bad", "--set", wrong)
    assert answer.status == 1
    assert told in " ".join(answer.complained.split())
    assert "bad" not in menling("campaign", "list").said


def test_a_policy_is_read_from_a_file(menling, at_home: Path) -> None:
    policy = at_home / "policy.toml"
    policy.write_text('max_attempts = 2\n[scope]\nregions = ["华东"]\n', "utf-8")
    assert menling("campaign", "create", "pilot", "--policy", policy).status == 0
    assert "华东" in menling("campaign", "scope", "pilot").said


def test_a_pilot_leaves_the_others_out_and_takes_them_in_when_it_is_widened(
    menling, tomorrow
) -> None:
    said = menling("campaign", "scope", tomorrow, "--region", "华东").said
    assert "2 who waited are left out, 0 are called again" in said
    told = menling("campaign", "explain", "SS0001").said
    assert "the campaign is a pilot" in told
    few = menling("campaign", "scope", tomorrow, "--share", "0.5").said
    left = int(few.split()[0])
    assert 0 <= left <= 8
    again = menling("campaign", "scope", tomorrow, "--everybody").said
    assert f"0 who waited are left out, {left + 2} are called again" in again


def test_results_are_told_apart_and_written_for_programs(menling, tomorrow, at_home) -> None:
    menling("campaign", "scope", tomorrow, "--region", "华东")
    shown = menling("campaign", "results", tomorrow, "--by", "pilot", "--csv", "r.csv").said
    assert "control" in shown
    lines = (at_home / "r.csv").read_text("utf-8-sig").splitlines()
    assert lines[0].startswith("group,contacts,called,reached,reached_rate")
    assert [line.split(",")[:3] for line in lines[1:]] == [
        ["control", "2", "0"], ["pilot", "8", "0"],
    ]  # fmt: skip


def test_a_contact_is_explained_by_id_waybill_or_number(menling, tomorrow) -> None:
    by_waybill = menling("campaign", "explain", "SD0100").said
    assert "SD0007, SD0100" in by_waybill
    assert "once the campaign runs" in by_waybill
    assert "Nobody has dialled it." in by_waybill
    assert menling("campaign", "explain", "13900000007").said == by_waybill
    menling("suppress", "add", "13900000007", "--evidence", "来信")
    assert "do-not-call list" in menling("campaign", "explain", "SD0007").said
    assert menling("campaign", "explain", "XX9").status == 1


def test_lists_are_taken_in_written_and_looked_through(menling, tomorrow, at_home) -> None:
    numbers = at_home / "list.csv"
    numbers.write_text(
        "电话,商家,原因,凭据,日期\n13900000001,,投诉,录音,2026-01-02\n13900000007,花店,,,\n12,,,,\n"
        "13900000002,,瞎写,,\n",
        "utf-8",
    )
    taken = menling("suppress", "import", numbers)
    assert taken.status == 3
    assert "2 new, 0 known already, 2 not taken; 2 contacts who waited are closed" in taken.said
    assert "第 4 行" in taken.said
    shown = menling("suppress", "list").said
    assert "complaint" in shown
    assert "13900000001" not in shown
    assert menling("suppress", "check", "13900000001").status == 0
    assert menling("suppress", "check", "13900000003").status == 1
    for name in ("all.csv", "all.xlsx", "all.txt"):
        assert "2 numbers written" in menling("suppress", "export", name).said
        again = menling("suppress", "import", name).said
        assert "2 known already, 0 not taken" in again or name == "all.txt"
    assert (at_home / "all.csv").stat().st_mode & 0o077 == 0


def test_a_mistaken_entry_is_corrected_and_a_wish_is_not(menling, at_home) -> None:
    menling("suppress", "add", "13900000001")
    menling("suppress", "add", "13900000002", "--reason", "opted_out")
    assert menling("suppress", "correct", "13900000001", "--why", "because").status == 1
    assert menling("suppress", "correct", "13900000001", "--why", "entered_wrongly").status == 0
    assert menling("suppress", "check", "13900000001").status == 1
    refused = menling("suppress", "correct", "13900000002", "--why", "owner_asked")
    assert refused.status == 1
    assert "stays listed" in " ".join(refused.complained.split())
