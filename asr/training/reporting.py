"""What the tool shows while it works."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from asr.training.schedule import Stage


@dataclass(frozen=True, slots=True)
class Standing:
    """How a stage goes, as mean over the last steps."""

    step: int
    loss: float
    right: float
    """Share of frames whose output is right."""


@dataclass(frozen=True)
class Reporter:
    """Bars on a terminal; in a log, a line now and then."""

    console: Console = field(default_factory=lambda: Console(stderr=True))
    lines_every: int = 100
    """Steps of a stage between two lines of a log."""

    def say(self, text: str) -> None:
        """Show a line."""
        self.console.print(text, highlight=False, soft_wrap=True)

    def _bars(self) -> Progress:
        return Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=self.console,
            disable=not self.console.is_terminal,
        )

    @contextmanager
    def step(self, name: str) -> Iterator[Callable[[int, int], None]]:
        """Show how far a step is: `tell(done, of)`."""
        with self._bars() as bars:
            task = bars.add_task(name, total=None)
            yield lambda done, of: bars.update(task, completed=done, total=of)
        self.say(f"{name}: done")

    @contextmanager
    def training(self, stage: Stage) -> Iterator[Callable[[Standing], None]]:
        """Show how a stage goes."""
        with self._bars() as bars:
            task = bars.add_task(f"stage {stage.name}", total=stage.steps)

            def tell(standing: Standing) -> None:
                words = f"stage {stage.name}: loss {standing.loss:.3f}, {standing.right:.1%} right"
                bars.update(task, completed=standing.step, description=words)
                if bars.disable and standing.step % self.lines_every == 0:
                    self.say(f"{words}, step {standing.step} of {stage.steps}")

            yield tell
        self.say(f"stage {stage.name}: done")
