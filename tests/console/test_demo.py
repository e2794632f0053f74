from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from audio_fixtures.scenarios import load_catalogue
from console.demo import Comparison, DemoError, comparison_table, difference_lines, prepare


def test_a_folder_with_other_files_is_left_alone(menling, at_home: Path) -> None:
    (at_home / "mine").mkdir()
    (at_home / "mine" / "letter.txt").write_text("dear", "utf-8")
    answer = menling("demo", "--output", "mine")
    assert answer.status == 1
    assert "choose another folder with --output" in answer.complained
    with pytest.raises(DemoError):
        prepare(at_home / "mine")
    assert (at_home / "mine" / "letter.txt").read_text("utf-8") == "dear"


def test_a_folder_of_an_earlier_demo_is_made_anew(at_home: Path) -> None:
    prepare(at_home / "demo-output")
    (at_home / "demo-output" / "old.txt").touch()
    prepare(at_home / "demo-output")
    assert not (at_home / "demo-output" / "old.txt").exists()


def test_the_last_table_fits_80_columns_and_differences_follow_as_sentences() -> None:
    different = (
        "outcome: confirmed instead of refused",
        "consent: False instead of True",
    )
    comparisons = tuple(
        Comparison(each, None, different if each.id == "locker" else ())
        for each in load_catalogue().values()
    )
    console = Console(width=80)
    with console.capture() as captured:
        console.print(comparison_table(comparisons))
    lines = captured.get().splitlines()
    assert max(map(cell_len, lines)) <= 80
    assert "…" not in captured.get()
    assert sum(" no " in f"{line} " for line in lines) == 1
    (told,) = difference_lines(comparisons)
    assert told.endswith("(locker): " + "; ".join(different))
