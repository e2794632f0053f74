"""`menling speech`: what to record, taking it in, and what became of it."""

from __future__ import annotations

import csv
import io
from importlib.resources import files
from pathlib import Path

import pytest

from audio.wav import write_wav
from tts.recordings import MANIFEST, load_recordings
from tts.speaker import hum

SHORT_FLOW = "pre-delivery"
RECORDED = 8
HELLO = "zh-CN/shared/courtesy/hello.wav"


@pytest.fixture
def takes(menling, tmp_path: Path) -> Path:
    """A greeting and the beginning of a flow, recorded as its list asks."""
    folder = tmp_path / "studio"
    listed = menling("speech", "list", SHORT_FLOW, "--csv").said
    rows = sorted(csv.DictReader(io.StringIO(listed)), key=lambda row: row["file"] != HELLO)
    for row in rows[:RECORDED]:
        path = folder / row["file"]
        path.parent.mkdir(parents=True, exist_ok=True)
        write_wav(path, hum(row["words"]))
    (folder / "recordings.csv").write_text(listed, "utf-8")
    return folder


def test_the_list_names_every_file_with_its_words(menling) -> None:
    answer = menling("speech", "list", SHORT_FLOW, "--csv")
    rows = list(csv.DictReader(io.StringIO(answer.said)))
    assert answer.status == 0
    assert len(rows) > 60
    assert len({row["file"] for row in rows}) == len(rows)
    by_file = {row["file"]: row for row in rows}
    assert by_file["zh-CN/pre-delivery/introduction.1.wav"]["words"] == "您好,"
    assert "{company|name}" in by_file["zh-CN/pre-delivery/introduction.1.wav"]["in"]
    assert any(file.startswith("zh-CN/shared/") for file in by_file)
    assert all(0 < float(row["seconds"]) < 15 for row in rows)


def test_the_list_for_people_counts_what_it_takes(menling) -> None:
    answer = menling("speech", "list", SHORT_FLOW, "--language", "en-US")
    assert answer.status == 0
    assert "minutes of speech" in answer.said
    assert "en-US/pre-delivery/" in answer.said


def test_recordings_are_taken_in_and_counted(menling, takes: Path, tmp_path: Path) -> None:
    taken = menling("speech", "import", takes)
    assert taken.status == 0, taken.complained
    recordings = load_recordings(tmp_path / "data" / "prompts")
    assert len(recordings.clips) == len(list(takes.rglob("*.wav")))
    checked = menling("speech", "check", SHORT_FLOW)
    assert checked.status == 0
    (row,) = [line.split() for line in checked.said.splitlines() if "zh-CN" in line]
    assert row[2] == str(RECORDED)
    assert int(row[3]) > 50
    assert row[4] == "0"


def test_flows_that_word_a_prompt_otherwise_lack_it_and_nothing_is_outdated(
    menling, takes: Path
) -> None:
    assert any(takes.rglob("purpose.*.wav"))  # several flows have a purpose of their own
    menling("speech", "import", takes)
    checked = menling("speech", "check")
    assert (checked.status, checked.complained) == (0, "")


def test_what_is_worded_differently_now_is_told(menling, takes: Path, tmp_path: Path) -> None:
    menling("speech", "import", takes)
    manifest = tmp_path / "data" / "prompts" / MANIFEST
    written = manifest.read_text("utf-8")
    manifest.write_text(written.replace("喂,您好,能听到吗", "喂,您好,听得到吗", 1), "utf-8")
    checked = menling("speech", "check")
    assert checked.status == 1
    (told,) = checked.complained.splitlines()
    assert "喂,您好,听得到吗" in told
    assert HELLO in told
    assert "worded now: '喂,您好,能听到吗?'" in told


def test_a_broken_file_of_the_library_is_told(menling, takes: Path, tmp_path: Path) -> None:
    menling("speech", "import", takes)
    (tmp_path / "data/prompts" / HELLO).write_bytes(b"broken")
    checked = menling("speech", "check")
    assert checked.status == 1
    assert "hello.wav" in checked.complained


def test_a_file_that_nobody_asked_for_is_refused_and_the_rest_taken(menling, takes: Path) -> None:
    write_wav(takes / "zh-CN" / "surprise.wav", hum("您好"))
    taken = menling("speech", "import", takes)
    assert taken.status == 1
    assert "surprise.wav: no flow asks" in taken.complained


def test_an_unknown_flow_is_told_with_those_that_there_are(menling) -> None:
    checked = menling("speech", "check", "nothing")
    assert checked.status == 1
    assert "pre-delivery" in checked.complained


def test_what_is_to_be_recorded_is_what_is_published(menling, tmp_path: Path) -> None:
    shipped = Path(str(files("ivr") / "flows" / "pre-delivery.zh-CN.yaml")).read_text("utf-8")
    mine = tmp_path / "pre-delivery.zh-CN.yaml"
    mine.write_text(
        shipped.replace('version: "', 'version: "9', 1).replace("自动语音助手。", "的机器人。", 1),
        "utf-8",
    )
    words = "机器人"
    assert words not in menling("speech", "list", "pre-delivery", "--csv").said
    assert words in menling("speech", "list", mine, "--csv").said
    published = menling("flows", "publish", mine)
    assert published.status == 0, published.complained
    assert words in menling("speech", "list", "pre-delivery", "--csv").said
