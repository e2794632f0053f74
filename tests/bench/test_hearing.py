"""The measurement of hearing: which recordings it plays and where its figures go."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]


def test_the_measurement_says_how_it_is_used() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.hearing", "--help"],
        capture_output=True,
        text=True,
        check=True,
        cwd=TOP,
    )
    assert "python -m bench.hearing --share 0.25 --processes 2" in done.stdout


def test_the_page_has_a_place_for_the_figures_of_each_language() -> None:
    page = (TOP / "docs" / "performance.md").read_text("utf-8")
    for language in ("zh-CN", "en-US"):
        begin = page.index(f"<!-- figures of bench.hearing {language} -->")
        assert begin < page.index(f"<!-- end of the figures of hearing {language} -->")
