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


def test_all_conversations_are_listed_with_their_stage_and_who_answers_for_them(menling) -> None:
    answer = menling("flows", "list")
    assert answer.status == 0
    said = "".join(answer.said.split())
    assert all(name.replace(" ", "") in said for name, _ in flows())
    assert "派送与签收" in said
    assert "派送站点" in said


def test_a_conversation_is_told_on_paper(menling) -> None:
    answer = menling("flows", "show", "pre-delivery")
    assert answer.status == 0
    assert "[opening] 提问" in answer.said
    assert "到时候方便收吗?" in answer.said
    assert "是[1] / 直接说 ＋时间 / 直接说 ＋" in answer.said
    assert "别再打了[9] → opted_out" in answer.said


def test_a_conversation_is_told_in_the_language_that_is_asked_for(menling) -> None:
    answer = menling("flows", "show", "pre-delivery", "--language", "en-US")
    assert "[opening] question" in answer.said
    assert "Will you be in?" in answer.said


def test_a_conversation_that_there_is_not_is_told_with_those_there_are(menling) -> None:
    answer = menling("flows", "show", "pre-delivery", "--language", "fr-FR")
    assert answer.status == 1
    assert "pre-delivery in zh-CN" in answer.complained.replace("\n", " ")
