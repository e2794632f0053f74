from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from processes.nursery import Nursery

LOADED: list[str] = []


def load() -> None:
    LOADED.append(f"loaded in {os.getpid()}")


def tells(pipe: Connection, word: str) -> None:
    pipe.send((word, LOADED, os.getpid(), os.getppid()))
    pipe.recv()


def ends_with(pipe: Connection, code: int) -> None:
    os._exit(code)


def fails(pipe: Connection) -> None:
    raise ValueError("no luck")


@pytest.fixture
def nursery(monkeypatch: pytest.MonkeyPatch) -> Iterator[Nursery]:
    monkeypatch.syspath_prepend(Path(__file__).parents[2])
    opened = Nursery(load)
    yield opened
    opened.close()


def test_children_share_what_was_loaded_once(nursery: Nursery) -> None:
    children = [nursery.start_child(tells, word, name=word) for word in ("one", "two")]
    told = [child.pipe.recv() for child in children]
    assert [word for word, *_ in told] == ["one", "two"]
    assert told[0][1] == told[1][1] == [f"loaded in {nursery.pid}"]
    assert {parent for *_, parent in told} == {nursery.pid}
    assert [child.process.pid for child in children] == [pid for *_, pid, _ in told]
    assert all(child.process.exitcode is None for child in children)


@pytest.mark.parametrize("code", [0, 7])
def test_how_a_child_ended_is_told(nursery: Nursery, code: int) -> None:
    child = nursery.start_child(ends_with, code, name="ends")
    child.process.join()
    assert child.process.exitcode == code
    with pytest.raises(EOFError):
        child.pipe.recv()


def test_a_child_that_fails_says_why(nursery: Nursery, capfd: pytest.CaptureFixture[str]) -> None:
    child = nursery.start_child(fails, name="fails")
    child.process.join()
    assert child.process.exitcode == 1
    assert "ValueError: no luck" in capfd.readouterr().err


def test_a_child_can_be_ended_and_its_sister_goes_on(nursery: Nursery) -> None:
    first, second = (nursery.start_child(tells, "", name="tells") for _ in range(2))
    first.pipe.recv()
    first.process.terminate()
    first.process.join()
    assert first.process.exitcode == -signal.SIGTERM
    second.pipe.recv()
    assert second.process.exitcode is None
    second.process.kill()
    second.process.join()
    assert second.process.exitcode == -signal.SIGKILL


def test_children_end_with_their_nursery_and_another_takes_its_place(nursery: Nursery) -> None:
    orphan = nursery.start_child(tells, "", name="tells")
    orphan.pipe.recv()
    first = nursery.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    orphan.process.join()
    assert orphan.process.exitcode == -signal.SIGKILL
    with pytest.raises(EOFError):
        orphan.pipe.recv()
    child = nursery.start_child(tells, "again", name="tells")
    assert child.pipe.recv()[0] == "again"
    assert nursery.pid not in (None, first)


def test_closing_ends_the_children(nursery: Nursery) -> None:
    child = nursery.start_child(tells, "", name="tells")
    child.pipe.recv()
    nursery.close()
    child.process.join()
    assert child.process.exitcode == -signal.SIGKILL
    assert nursery.pid is None
