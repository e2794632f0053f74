from __future__ import annotations

import errno

import pytest
import typer

from console.screen import say
from console.terminal import plain_errors, sentence_of
from store.errors import StoreError


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.ENOSPC, "Free some space"),
        (errno.EDQUOT, "what was saved before is still there"),
        (errno.EACCES, "Make it readable and writable"),
        (errno.EROFS, "The disk is read-only"),
        (errno.ENOENT, "Check the name"),
        (errno.EISDIR, "Name a file"),
        (errno.ELOOP, "menling doctor"),
    ],
)
def test_what_the_system_says_comes_with_what_to_do(number: int, advice: str) -> None:
    told = sentence_of(OSError(number, "as the system words it", "m.csv"))
    assert told.startswith("m.csv: ")
    assert "as the system words it" in told
    assert advice in told


def test_an_operators_error_is_a_sentence_and_status_1(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(typer.Exit) as caught, plain_errors():
        raise StoreError("The disk [sda] is full; free some space")
    assert caught.value.exit_code == 1
    assert capsys.readouterr().err == "Error: The disk [sda] is full; free some space\n"


def test_a_mistake_of_ours_is_not_dressed_up() -> None:
    with pytest.raises(ZeroDivisionError), plain_errors():
        raise ZeroDivisionError


def test_on_a_pipe_a_sentence_stays_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    say("word " * 60)
    assert capsys.readouterr().out.count("\n") == 1
