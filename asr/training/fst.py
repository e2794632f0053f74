"""OpenFst's command-line tools, which write the graphs that Vosk reads.

Needs Debian's `libfst-tools` and `libfst22-plugins-base`.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory

_TOOLS = ("fstcompile", "fstarcsort", "fstconnect", "fstconvert", "fstcompose", "fstsymbols")
_PACKAGES = "run `apt-get install libfst-tools libfst22-plugins-base` (OpenFst 1.7 or later)"
_PLUGIN = "olabel_lookahead-fst.so"
"""The name under which OpenFst looks for the code; Debian's file is called otherwise."""
_LIBRARIES = ("/usr/lib", "/usr/local/lib", "/lib")


class FstError(Exception):
    """A tool is missing or refused; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class Arc:
    """One arc of a transducer; label 0 is epsilon."""

    start: int
    end: int
    input: int
    output: int
    cost: float
    """Negative natural logarithm of the probability."""


@dataclass(frozen=True, slots=True)
class Transducer:
    """Arcs, and the costs of ending in a state; the first arc leaves the start."""

    arcs: Iterable[Arc]
    finals: Mapping[int, float]

    def lines(self) -> Iterator[str]:
        """Yield the text form that fstcompile takes."""
        for arc in self.arcs:
            yield f"{arc.start} {arc.end} {arc.input} {arc.output} {arc.cost:.5f}\n"
        for state, cost in self.finals.items():
            yield f"{state} {cost:.5f}\n"


class FstTools:
    """The tools, at work in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        """Raises FstError, naming the Debian packages, when something is missing."""
        missing = [tool for tool in _TOOLS if which(tool) is None]
        if missing:
            raise FstError(f"{', '.join(missing)} is missing: {_PACKAGES}")
        plugin = folder / _PLUGIN
        if not plugin.is_symlink():
            plugin.symlink_to(_look_ahead_library())
        self._folder = folder
        path = os.environ.get("LD_LIBRARY_PATH", "")
        self._environment = {**os.environ, "LD_LIBRARY_PATH": f"{folder}:{path}".rstrip(":")}

    def look_ahead(self, transducer: Transducer, path: Path) -> dict[int, int]:
        """Write the left half of a look-ahead graph; return how its output labels were renamed."""
        relabelled = self._folder / "relabelled.txt"
        compiled = self._compiled(transducer, "left", "--sort_type=olabel")
        self._run(
            "fstconvert",
            "--fst_type=olabel_lookahead",
            f"--save_relabel_opairs={relabelled}",
            str(compiled),
            str(path),
        )
        pairs = (line.split() for line in relabelled.read_text().splitlines())
        return {int(old): int(new) for old, new in pairs}

    def acceptor(self, transducer: Transducer, path: Path, words: str = "") -> None:
        """Write the right half: a language model; a table of words is kept inside when given."""
        compiled = self._compiled(transducer, "right", "--sort_type=ilabel")
        connected = self._folder / "connected.fst"
        self._run("fstconnect", str(compiled), str(connected))
        self._sorted(connected, "--sort_type=ilabel", connected)
        if words:
            table = self._folder / "words.txt"
            table.write_text(words, encoding="utf-8")
            tables = (f"--isymbols={table}", f"--osymbols={table}")
            self._run("fstsymbols", *tables, str(connected), str(connected))
        self._run("fstconvert", "--fst_type=const", str(connected), str(path))

    def composed(self, left: Transducer, right: Transducer, path: Path) -> None:
        """Write one static graph of both halves; it takes no grammars at run time."""
        first = self._compiled(left, "left", "--sort_type=olabel")
        second = self._compiled(right, "right", "--sort_type=ilabel")
        whole, connected = self._folder / "whole.fst", self._folder / "connected.fst"
        self._run("fstcompose", str(first), str(second), str(whole))
        self._run("fstconnect", str(whole), str(connected))
        self._run("fstconvert", "--fst_type=const", str(connected), str(path))

    def _compiled(self, transducer: Transducer, name: str, order: str) -> Path:
        text, binary = self._folder / f"{name}.txt", self._folder / f"{name}.fst"
        with text.open("w", encoding="ascii") as file:
            file.writelines(transducer.lines())
        self._run("fstcompile", str(text), str(binary))
        self._sorted(binary, order, binary)
        return binary

    def _sorted(self, path: Path, order: str, result: Path) -> None:
        ordered = self._folder / "ordered.fst"
        self._run("fstarcsort", order, str(path), str(ordered))
        ordered.replace(result)

    def _run(self, *command: str) -> None:
        done = subprocess.run(
            command, env=self._environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise FstError(f"{command[0]} failed: {done.stderr.strip() or 'without a word'}")


@contextmanager
def fst_tools() -> Iterator[FstTools]:
    """Lend the tools with a folder that goes away afterwards."""
    with TemporaryDirectory(prefix="menling-fst-") as folder:
        yield FstTools(Path(folder))


def _look_ahead_library() -> Path:
    for root in _LIBRARIES:
        found = sorted(Path(root).glob("**/libfstlookahead.so.*"))
        if found:
            return found[-1]
    raise FstError(f"libfstlookahead.so is missing: {_PACKAGES}")
