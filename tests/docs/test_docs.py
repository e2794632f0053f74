"""The documents keep up with the program: links, commands, modules and dependencies."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import typer

from console.cli import app
from ivr.facts import facts_known

TOP = Path(__file__).resolve().parents[2]
README = TOP / "README.md"
DOCS = sorted((TOP / "docs").glob("*.md"))
PACKAGES = tomllib.loads((TOP / "pyproject.toml").read_text("utf-8"))["tool"]["mypy"]["packages"]

LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
COMMAND = re.compile(r"\bmenling ((?:flows |models |tickets |speech )?[a-z]+)(?=[\s`.;,]|$)")
PLACEHOLDER = re.compile(r"/(NN_|ID\.)")
NAME = re.compile(r"^[A-Za-z0-9_-]+")


def commands(command: click.Command, name: str = "") -> Iterator[str]:
    yield name.strip()
    for each in getattr(command, "commands", {}).values():
        yield from commands(each, f"{name} {each.name}")


COMMANDS = frozenset(commands(typer.main.get_command(app)))


def by_name(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("page", [README, *DOCS], ids=by_name)
def test_every_link_leads_somewhere(page: Path) -> None:
    targets = [each for each in LINK.findall(page.read_text("utf-8")) if "://" not in each]
    assert [each for each in targets if not (page.parent / each).exists()] == []


@pytest.mark.parametrize("page", [README, *DOCS], ids=by_name)
def test_every_command_that_is_named_exists(page: Path) -> None:
    code = re.findall(r"`([^`\n]+)`|^ {4}(.+)$", page.read_text("utf-8"), re.MULTILINE)
    text = "\n".join(inline or block for inline, block in code)
    assert sorted(set(COMMAND.findall(text)) - COMMANDS) == []


def test_every_fact_of_a_flow_can_be_looked_up() -> None:
    page = (TOP / "docs" / "manifest.md").read_text("utf-8")
    for name, spec in facts_known().items():
        row = f"| `{name}` | {spec.titles['zh-CN']} | {spec.titles['en-US']} | {spec.kind.value} |"
        assert row in page


def test_the_scripts_of_the_readme_are_there_and_run() -> None:
    named = set(re.findall(r"\bscripts/([a-z]+)\b", README.read_text("utf-8")))
    assert named >= {"demo", "test", "check"}
    assert all((TOP / "scripts" / name).stat().st_mode & 0o111 for name in named)


def test_every_page_can_be_found_from_the_readme() -> None:
    linked = set(LINK.findall(README.read_text("utf-8")))
    assert {f"docs/{page.name}" for page in DOCS} <= linked


def test_the_page_about_the_command_line_names_every_command() -> None:
    text = (TOP / "docs" / "cli.md").read_text("utf-8")
    groups = {"", "flows", "models"}
    assert [each for each in COMMANDS - groups if f"`menling {each}" not in text] == []


@pytest.mark.parametrize("page", DOCS, ids=by_name)
def test_every_module_that_is_named_exists(page: Path) -> None:
    text = page.read_text("utf-8")
    paths = re.findall(rf"`((?:{'|'.join(PACKAGES)})/[\w./-]*)`", text)
    real = [each for each in paths if not PLACEHOLDER.search(each)]
    assert [each for each in real if not (TOP / each).exists()] == []
    called = re.findall(rf"`((?:{'|'.join(PACKAGES)})(?:\.\w+)+)[`(]", text)
    assert [each for each in called if not stands_for_something(each)] == []


def stands_for_something(dotted: str) -> bool:
    """Whether a dotted name is a module, or something in one."""
    if dotted.endswith((".yaml", ".toml", ".json", ".py", ".md", ".db", ".log")):
        return True
    try:
        if importlib.util.find_spec(dotted) is not None:
            return True
    except ModuleNotFoundError:
        pass
    module, _, name = dotted.rpartition(".")
    try:
        return hasattr(importlib.import_module(module), name)
    except ModuleNotFoundError:
        return False


def test_every_package_is_in_the_picture_of_the_house() -> None:
    text = (TOP / "docs" / "architecture.md").read_text("utf-8")
    assert [each for each in PACKAGES if each not in text] == []


def test_every_dependency_has_its_reason_and_nothing_else_has() -> None:
    project = tomllib.loads((TOP / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    needed = [*project["dependencies"], *(each for extra in extras.values() for each in extra)]
    wanted = {match.group().lower() for each in needed if (match := NAME.match(each))}
    rows = re.findall(r"^\|(.+)\|$", (TOP / "docs" / "dependencies.md").read_text("utf-8"), re.M)
    told: set[str] = set()
    for row in rows:
        cells = [cell.strip() for cell in row.split("|")]
        names = cells[1] if cells[0].startswith("`") else cells[0]
        told |= {name.strip().lower() for name in names.split(",")}
    assert told - {"package", "extra", "---"} == wanted
