"""The command line of the tool."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from pathlib import Path
from typing import Annotated

import typer

from asr.training.assembly import assemble
from asr.training.evaluation import table
from asr.training.pipeline import Order, train
from asr.training.recordings import read_index, speakers
from asr.training.reporting import Reporter

_EXAMPLE = "Example: python -m asr.training zh-CN --speech ../speech-cmn --out /tmp/model"


class LanguageCode(StrEnum):
    """Languages of the tool."""

    MANDARIN = "zh-CN"
    ENGLISH = "en-US"


class Rate(IntEnum):
    """Sampling rates of models."""

    TELEPHONE = 8000
    WIDEBAND = 16000


def build(
    language: Annotated[LanguageCode, typer.Argument(help="zh-CN or en-US")],
    out: Annotated[Path, typer.Option(help="Directory of the new model")],
    speech: Annotated[
        Path | None, typer.Option(help="Folder of recordings with index.csv; else synthetic only")
    ] = None,
    rate: Annotated[int, typer.Option(help="8000 or 16000 samples per second")] = 8000,
    seed: Annotated[int, typer.Option(help="Same seed and data, same model")] = 1,
    work: Annotated[
        Path | None, typer.Option(help="Where steps are kept; a broken run goes on from there")
    ] = None,
    leave_out: Annotated[
        str | None, typer.Option(help="A speaker who takes no part, to measure strangers with")
    ] = None,
    scale: Annotated[float, typer.Option(help="Of the number of steps; 0.1 for a quick trial")] = 1,
    shards: Annotated[int, typer.Option(help="Synthetic speech in pieces of 250 utterances")] = 80,
    processes: Annotated[int, typer.Option(help="For synthesis and alignment")] = 2,
) -> None:
    """Build a recognition model in the layout of Vosk: speech, training, graph, measurement."""
    if rate not in set(Rate):
        raise typer.BadParameter("there are 8000 and 16000 only", param_hint="--rate")
    if speech is not None:
        _check(speech, leave_out)
    order = Order(
        code=language.value,
        work=work or out.with_name(f"{out.name}-work"),
        speech=speech,
        rate=rate,
        seed=seed,
        shards=shards,
        scale=scale,
        left_out=leave_out,
        processes=processes,
        reporter=Reporter(),
    )
    rows = assemble(order, train(order), out)
    order.reporter.say(table(rows))


def _check(speech: Path, leave_out: str | None) -> None:
    try:
        known = speakers(read_index(speech))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--speech") from error
    if leave_out is not None and leave_out not in known:
        raise typer.BadParameter(
            f"no speaker {leave_out!r}; there are {', '.join(known)}", param_hint="--leave-out"
        )


def main() -> None:
    """Run the command."""
    app = typer.Typer(add_completion=False)
    app.command(epilog=_EXAMPLE)(build)
    app()
