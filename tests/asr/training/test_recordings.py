from __future__ import annotations

from pathlib import Path

import pytest

from asr.training.recordings import held_out_files, read_index, speakers, split

INDEX = """file,text,speaker,licence
words/二.opus,二,tan,CC-BY-SA
words/一.opus,一,tan,CC-BY-SA
sentences/a.opus,你好,anna,Apache-2.0
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "index.csv").write_text(INDEX, encoding="utf-8")
    return tmp_path


def test_recordings_are_in_the_order_of_their_files(folder: Path) -> None:
    files = [recording.file for recording in read_index(folder)]
    assert files == ["sentences/a.opus", "words/一.opus", "words/二.opus"]


def test_speakers_are_told_once(folder: Path) -> None:
    assert speakers(read_index(folder)) == ("anna", "tan")


def test_recordings_for_measuring_are_not_trained_on(folder: Path) -> None:
    training, measuring = split(read_index(folder), frozenset({"一.opus"}))
    assert [recording.text for recording in training] == ["你好", "二"]
    assert [recording.text for recording in measuring] == ["一"]


def test_a_folder_without_an_index_says_what_is_wanted(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"index\.csv is missing; --speech wants"):
        read_index(tmp_path)


def test_an_index_without_a_column_names_it(tmp_path: Path) -> None:
    (tmp_path / "index.csv").write_text("file,text,speaker\na,b,c\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no column 'licence'"):
        read_index(tmp_path)


def test_mandarin_keeps_the_same_recordings_apart_in_every_run() -> None:
    held_out = held_out_files("zh-CN")
    assert len(held_out) == 426 + 46
    assert "BAC009S0150W0350.opus" in held_out


def test_a_language_without_recordings_keeps_none_apart() -> None:
    assert held_out_files("en-US") == frozenset()
