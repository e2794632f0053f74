from __future__ import annotations

import os
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from processes.child import ChildError, start_child


@pytest.fixture(autouse=True)
def children_find_this_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[2])


def says(pipe: Connection, word: str) -> None:
    pipe.send(word)
    pipe.recv()


def keeps_silent(pipe: Connection) -> None:
    pipe.recv()


def dies(pipe: Connection) -> None:
    os._exit(7)


def listens_to_ctrl_c(pipe: Connection) -> None:
    os.kill(os.getpid(), signal.SIGINT)
    pipe.send("still here")


@pytest.mark.parametrize("word", ["", "the model is missing"])
def test_the_first_word_is_what_the_child_says_of_itself(word: str) -> None:
    child = start_child(says, word, name="says")
    assert child.first_word(60) == word
    assert child.pid not in (0, os.getpid())
    child.kill()
    assert child.process.exitcode == -signal.SIGKILL


def test_a_child_that_keeps_silent_is_an_error() -> None:
    child = start_child(keeps_silent, name="silent")
    with pytest.raises(ChildError, match="did not answer within 0 s"):
        child.first_word(0)
    child.kill()


def test_a_child_that_dies_at_once_is_an_error() -> None:
    child = start_child(dies, name="dies")
    with pytest.raises(ChildError, match="died while starting"):
        child.first_word(60)
    child.kill()
    assert child.process.exitcode == 7


def test_ctrl_c_is_kept_from_a_child() -> None:
    child = start_child(listens_to_ctrl_c, name="listens")
    assert child.first_word(60) == "still here"
    child.kill()


PARENT = """
import operator, sys
from processes.child import start_child
if __name__ == "__main__":
    print(start_child(operator.methodcaller("recv"), name="pauses").pid, flush=True)
    sys.stdin.read()
"""


def test_a_child_dies_with_a_parent_that_is_killed(
    dies_with_its_parent: Callable[..., bool],
) -> None:
    assert dies_with_its_parent(PARENT)
