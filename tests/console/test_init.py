from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from campaigns.settings import load_settings
from console.shipped import EXAMPLES, example


def test_init_writes_the_settings_and_makes_the_store(menling, at_home: Path) -> None:
    answer = menling("init")
    assert answer.status == 0
    assert "Set the trunk in it, then: menling doctor" in answer.said
    assert load_settings(at_home / "menling.toml")
    assert (at_home / "data" / "menling.db").is_file()


def test_a_second_init_leaves_the_settings_as_they_are(menling, at_home: Path) -> None:
    menling("init")
    file = at_home / "menling.toml"
    file.write_text('[trunk]\nhost = "203.0.113.7"\n', "utf-8")
    answer = menling("init")
    assert answer.status == 0
    assert "stays as it is" in answer.said
    assert file.read_text("utf-8") == '[trunk]\nhost = "203.0.113.7"\n'


def test_settings_that_are_wrong_are_told_key_by_key(menling, at_home: Path) -> None:
    (at_home / "menling.toml").write_text('[trunk]\nhots = "203.0.113.7"\nport = 0\n', "utf-8")
    answer = menling("report", "tomorrow")
    assert answer.status == 1
    assert "did you mean trunk.host?" in answer.complained
    assert "trunk.port: " in answer.complained


def test_the_environment_names_a_file_before_the_one_that_lies_here(
    menling, at_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (at_home / "menling.toml").write_text("nonsense", "utf-8")
    other = at_home / "other.toml"
    other.write_text("", "utf-8")
    monkeypatch.setenv("MENLING_SETTINGS", str(other))
    assert "There is no campaign" in menling("report", "tomorrow").complained


def test_a_data_folder_that_cant_be_made_is_named(
    menling, at_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (at_home / "file").touch()
    monkeypatch.setenv("MENLING_PATHS__DATA_DIR", str(at_home / "file" / "data"))
    answer = menling("init")
    assert answer.status == 1
    assert "set paths.data_dir to a folder you may write to" in answer.complained


def test_the_examples_are_found_and_a_lost_one_is_named() -> None:
    assert {each.name for each in EXAMPLES.iterdir()} >= {
        "menling.toml", "manifest.csv", "manifest-late.xlsx",
    }  # fmt: skip
    with pytest.raises(FileNotFoundError, match="install Menling again"):
        example("manifest-lost.csv")


def test_a_disk_without_room_for_the_settings_is_told(at_home: Path) -> None:
    # A limit on the size of files behaves as a full disk does, in a process of its own.
    limited = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)); "
        "from console.cli import app; app()"
    )
    done = subprocess.run(
        [sys.executable, "-c", limited, "init"],
        capture_output=True, text=True, check=False, env=os.environ,
    )  # fmt: skip
    assert done.returncode == 1
    assert "Free some space" in done.stderr
    assert "Traceback" not in done.stderr
    again = subprocess.run(
        [sys.executable, "-m", "console.cli", "init"],
        capture_output=True, text=True, check=False, env=os.environ,
    )  # fmt: skip
    assert again.returncode == 0
    assert "Wrote menling.toml" in again.stdout
    assert load_settings(at_home / "menling.toml")
