"""Publishing what is said: from a file to the next call, and back again."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

import pytest

from store.database import Database
from store.flow_publications import FlowFiles, publish

SHIPPED = (resources.files("ivr") / "flows" / "pre-delivery.zh-CN.yaml").read_text("utf-8")
BEFORE, AFTER = "您尾号{waybill|tail4}的快递,", "尾号{waybill|tail4}的快递,"


def ours(folder: Path, version: str = "ours-1", announces: str = AFTER) -> Path:
    """A pre-delivery flow of our own, with other words in the announcement."""
    file = folder / f"{version}.yaml"
    text = re.sub(r'version: ".*"', f'version: "{version}"', SHIPPED, count=1)
    file.write_text(text.replace(f"announcement: {BEFORE}", f"announcement: {announces}"), "utf-8")
    return file


def publish_unchecked(home: Path, file: Path, at: datetime) -> None:
    """Publish what an earlier checker let through."""
    flow = FlowFiles(
        "pre-delivery", "zh-CN", file.stem, "f" * 64, file.name, {file.name: file.read_text()}
    )
    database = Database(f"sqlite:///{home / 'data' / 'menling.db'}")
    with database.transaction() as session:
        publish(session, flow, at, "li", "")
    database.close()


def test_a_published_flow_tells_what_changes_and_stands_in_the_history(menling, at_home) -> None:
    answer = menling("flows", "publish", ours(at_home), "--note", "shorter", "--by", "li")
    assert "The prompt announcement (first) says" in answer.said
    assert "pre-delivery zh-CN ours-1 is said from now on." in answer.said
    history = menling("flows", "versions").said
    assert "ours-1" in history
    assert "shorter" in history


def test_a_faulty_flow_is_not_published(menling, at_home) -> None:
    file = ours(at_home, announces="您尾号{nobody}的快递,")
    answer = menling("flows", "publish", file)
    assert answer.status == 1
    assert "unknown value 'nobody'" in answer.complained
    assert "Nothing was published" in menling("flows", "versions").said


def test_one_goes_back_to_what_ships_and_to_a_version_by_name(menling, at_home) -> None:
    menling("flows", "publish", ours(at_home))
    assert "shipped" not in menling("flows", "versions").said
    assert menling("flows", "rollback", "pre-delivery").status == 0
    assert menling("flows", "diff", "pre-delivery", "pre-delivery@shipped").status == 0
    assert "ours-1 is said" in menling("flows", "rollback", "pre-delivery", "--to", "ours-1").said
    answer = menling("flows", "rollback", "pre-delivery", "--to", "ours-9")
    assert "published were: ours-1" in answer.complained


def test_a_published_flow_that_has_become_faulty_is_replaced_and_never_gone_back_to(
    menling, at_home: Path
) -> None:
    menling("flows", "publish", ours(at_home))
    publish_unchecked(at_home, ours(at_home, "ours-2", "您尾号{nobody}的快递,"), datetime.now(UTC))
    answer = menling("flows", "publish", ours(at_home, "ours-3", "您的快递,"))
    assert "has faults" in answer.said
    assert "ours-3 is said from now on." in answer.said
    answer = menling("flows", "rollback", "pre-delivery", "--to", "ours-2")
    assert "unknown value 'nobody'" in answer.complained
    assert menling("flows", "diff", "pre-delivery", "pre-delivery@ours-3").status == 0
    assert "ours-1 is said" in menling("flows", "rollback", "pre-delivery", "--to", "ours-1").said


def test_a_published_file_that_somebody_tidied_away_is_written_again(
    menling, at_home: Path
) -> None:
    menling("flows", "publish", ours(at_home))
    menling("flows", "diff", "pre-delivery", "pre-delivery@ours-1")
    [file] = (at_home / "data").rglob("ours-1.yaml")
    file.unlink()
    assert menling("flows", "diff", "pre-delivery", "pre-delivery@ours-1").status == 0
    assert file.is_file()


def test_the_history_is_told_on_the_clock_of_the_campaigns(menling, at_home: Path) -> None:
    menling("flows", "versions")
    publish_unchecked(at_home, ours(at_home), datetime(2026, 11, 22, 20, tzinfo=UTC))
    told = menling("flows", "versions").said
    assert "04:00" in told
    assert "20:00" not in told


def test_two_versions_are_compared_in_words(menling, at_home) -> None:
    menling("flows", "publish", ours(at_home))
    answer = menling("flows", "diff", "pre-delivery@shipped", "pre-delivery@ours-1")
    assert answer.status == 1
    assert "becomes ours-1." in answer.said


@pytest.mark.sip
@pytest.mark.vosk
@pytest.mark.tts
def test_the_next_call_says_the_published_words_and_records_which(
    menling, at_home: Path, trunk
) -> None:
    (at_home / "m.csv").write_text(
        "运单号,收件人,电话,地址,预约时段\n"
        "SD000001,王小明,+8613800138001,幸福路18号,明天 14:00-16:00\n",
        "utf-8",
    )
    menling("import", "m.csv", "--campaign", "tomorrow")
    menling("flows", "publish", ours(at_home))
    assert menling("run", "tomorrow").status == 0
    transcripts = "".join(
        each.read_text("utf-8") for each in (at_home / "data" / "results").rglob("*.txt")
    )
    assert "您尾号" not in transcripts
    assert "尾号" in transcripts
    assert "pre-delivery ours-1" in menling("report", "tomorrow", "--contact", "1").said


@pytest.mark.sip
@pytest.mark.vosk
@pytest.mark.tts
def test_nobody_is_rung_with_a_flow_that_must_know_what_nobody_told(
    menling, at_home: Path, trunk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MENLING_CAMPAIGN__PAUSE_AFTER_TRUNK_FAILURES", "1")
    (at_home / "m.csv").write_text(
        "运单号,收件人,电话,地址,预约时段\n"
        "SD000001,王小明,+8613800138001,幸福路18号,明天 14:00-16:00\n",
        "utf-8",
    )
    menling("import", "m.csv", "--campaign", "tomorrow")
    file = ours(at_home)
    text = file.read_text("utf-8").replace(
        "may_use_facts: [bulky,", "needs_facts: [bulky]\nmay_use_facts: ["
    )
    file.write_text(text, "utf-8")
    assert menling("flows", "publish", file).status == 0
    answer = menling("run", "tomorrow")
    assert answer.status == 1
    assert "pre-delivery ours-1 speaks of bulky" in " ".join(answer.said.split())
