"""Processes that are watched: who dies is started again; who can't ever work ends the watch."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from console.watching import Watched, WatchError, watch
from processes.child import start_child


@pytest.fixture(autouse=True)
def children_find_this_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[2])


def rests() -> None:
    """Do nothing until a signal ends it.

    Not by `signal.pause`: a signal that comes just before it is called would not wake it.
    """
    while True:
        select.select([], [], [], 0.02)


def dies_once(pipe: Connection, folder: Path) -> None:
    """Work, die; work again and press Ctrl-C."""
    pipe.send("")
    if not (folder / "died").exists():
        (folder / "died").touch()
        pipe.send("The disk is full.")
        os._exit(7)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    os.kill(os.getppid(), signal.SIGINT)
    rests()


def wants_to_be_told_twice(pipe: Connection, folder: Path) -> None:
    """Press Ctrl-C; press it again when told to stop."""
    told = []

    def stop(*_: object) -> None:
        told.append(1)
        (folder / f"told {len(told)}").touch()
        if len(told) == 2:
            os._exit(0)
        os.kill(os.getppid(), signal.SIGINT)

    signal.signal(signal.SIGTERM, stop)
    pipe.send("")
    os.kill(os.getppid(), signal.SIGINT)
    rests()


def waits_for(file: Path) -> None:
    while not file.exists():
        select.select([], [], [], 0.02)


def works_after_a_death(pipe: Connection, folder: Path) -> None:
    """Work, die, work again; press Ctrl-C once it was told what is wrong with the other."""
    pipe.send("")
    if not (folder / "died").exists():
        (folder / "died").touch()
        os._exit(7)
    (folder / "again").touch()
    waits_for(folder / "told")
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    os.kill(os.getppid(), signal.SIGINT)
    rests()


def finds_its_port_taken(pipe: Connection, folder: Path) -> None:
    waits_for(folder / "again")
    pipe.send("The port is taken.")
    rests()


def says(pipe: Connection, word: str) -> None:
    pipe.send(word)
    rests()


def ends_politely(pipe: Connection, folder: Path) -> None:
    def stop(*_: object) -> None:
        (folder / "ended").touch()
        os._exit(0)

    signal.signal(signal.SIGTERM, stop)
    pipe.send("")
    rests()


def unheard(words: str) -> None:
    """Nobody listens."""


def watched(say: Callable[[str], None], target: Callable[..., None], *arguments: object) -> Watched:
    return Watched(target.__name__, partial(start_child, target, *arguments, name="watched"), say)


def test_who_dies_is_started_again_until_ctrl_c_ends_all_in_peace(tmp_path: Path) -> None:
    said: list[str] = []
    watch(watched(said.append, dies_once, tmp_path), watched(said.append, ends_politely, tmp_path))
    assert said[-1] == "The dies_once ended (exit code 7); it is started again."
    assert said[:-1] == ["The disk is full."]
    assert (tmp_path / "ended").exists()


def test_ctrl_c_twice_tells_the_first_twice_and_is_ours_again_afterwards(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGINT)
    watch(watched(unheard, wants_to_be_told_twice, tmp_path))
    assert signal.getsignal(signal.SIGINT) is before
    assert {each.name for each in tmp_path.iterdir()} == {"told 1", "told 2"}


def test_what_keeps_it_from_ever_working_ends_the_watch_with_that_sentence() -> None:
    other = watched(unheard, says, "")
    with pytest.raises(WatchError, match=r"trunk\.host is not set"):
        watch(watched(unheard, says, "trunk.host is not set"), other)
    assert not other.runs


def test_the_first_goes_on_when_another_can_not_work(tmp_path: Path) -> None:
    said: list[str] = []

    def say(words: str) -> None:
        said.append(words)
        if "port" in words:
            (tmp_path / "told").touch()

    first = watched(say, works_after_a_death, tmp_path)
    watch(first, watched(say, finds_its_port_taken, tmp_path))
    assert said[1:] == [
        "The port is taken. The rest goes on without the finds_its_port_taken.",
    ]


def test_the_greeting_is_said_once_and_not_before_it_works(tmp_path: Path) -> None:
    said: list[str] = []
    start = partial(start_child, dies_once, tmp_path, name="watched")
    watch(Watched("engine", start, said.append, "Serving."))
    assert said.count("Serving.") == 1
    silent: list[str] = []
    start = partial(start_child, says, "No trunk answers.", name="watched")
    with pytest.raises(WatchError, match=r"No trunk answers\."):
        watch(Watched("engine", start, silent.append, "Serving."))
    assert silent == []
