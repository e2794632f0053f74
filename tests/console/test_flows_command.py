from __future__ import annotations

from importlib import resources
from pathlib import Path

from ivr.flow import flows


def test_the_conversations_that_ship_are_sound(menling) -> None:
    answer = menling("flows", "check")
    assert answer.status == 0
    for name, language in flows():
        assert f"{name} {language}: sound, " in answer.said


def test_an_undefined_state_is_told_with_its_line_and_nothing_runs(menling, at_home: Path) -> None:
    shipped = resources.files("ivr").joinpath("flows/pre-delivery.zh-CN.yaml").read_text("utf-8")
    broken = at_home / "ours.zh-CN.yaml"
    ours = f"{shipped}\nstates:\n  lost:\n    branch:\n      - then: nowhere_at_all\n"
    broken.write_text(ours, "utf-8")
    line = len(ours.splitlines())
    answer = menling("flows", "check", broken)
    assert answer.status == 1
    assert f"ours.zh-CN.yaml:{line}" in answer.said
    assert "nowhere_at_all" in answer.said


def test_a_file_that_is_not_there_is_named_beside_the_sound_one(menling, at_home: Path) -> None:
    answer = menling("flows", "check", at_home / "lost.yaml")
    assert answer.status == 1
    assert "lost.yaml" in answer.said
