from __future__ import annotations

from collections.abc import Iterator

import click
import pytest
import typer

from console.cli import app


def commands(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    for each in getattr(command, "commands", {}).values():
        yield from commands(each, f"{name} {each.name}")


ALL = dict(commands(typer.main.get_command(app), "menling"))


def test_there_is_a_command_for_every_step_of_the_work() -> None:
    assert {
        "menling demo", "menling init", "menling import", "menling run", "menling call",
        "menling report", "menling flows check", "menling models list", "menling models check",
        "menling models fetch", "menling doctor", "menling rehearse", "menling dial",
    } <= set(ALL)  # fmt: skip


@pytest.mark.parametrize("name", ALL)
def test_every_command_explains_itself_with_an_example(menling, name: str) -> None:
    answer = menling(*name.split()[1:], "--help")
    assert answer.status == 0
    told = " ".join(answer.said.replace("│", " ").split())
    assert f"Example: {name}" in told
    assert ALL[name].help


def test_an_unknown_command_is_named(menling) -> None:
    answer = menling("ring")
    assert answer.status == 2
    assert "No such command 'ring'" in answer.complained
