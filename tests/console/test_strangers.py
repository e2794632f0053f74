from __future__ import annotations

from pathlib import Path

import pytest

from console.strangers import meets_strangers


@pytest.mark.parametrize(
    ("trunk", "strangers"),
    [
        ("", False),
        ("localhost", False),
        ("127.0.0.1", False),
        ("127.8.0.2", False),
        ("::1", False),
        ("[::1]", False),
        ("192.0.2.7", True),
        ("2001:db8::7", True),
        ("sip.example.net", True),
        ("localhost.example.net", True),
    ],
)
def test_only_a_trunk_on_this_machine_rings_nobody_real(trunk: str, strangers: bool) -> None:
    assert meets_strangers(trunk) is strangers


@pytest.mark.parametrize("command", [("run", "tomorrow"), ("call", "+8613800138001")])
def test_the_bundled_model_is_kept_from_real_people(
    menling, at_home: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    (at_home / "m.csv").touch()
    menling("import", "m.csv", "--campaign", "tomorrow")
    monkeypatch.setenv("MENLING_TRUNK__HOST", "192.0.2.7")
    answer = menling(*command)
    assert answer.status == 1
    assert "does not hear strangers" in answer.complained
    assert "The trunk 192.0.2.7 rings people." in answer.complained
    assert "menling models fetch vosk-model-small-cn-0.22" in answer.complained
    assert "--bundled-model" in answer.complained


def test_whoever_insists_may_ring_people_with_it(
    menling, at_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (at_home / "m.csv").touch()
    menling("import", "m.csv", "--campaign", "tomorrow")
    monkeypatch.setenv("MENLING_TRUNK__HOST", "192.0.2.7")
    answer = menling("run", "tomorrow", "--bundled-model")
    assert "does not hear strangers" in answer.said
    assert "has no contacts" in answer.complained
