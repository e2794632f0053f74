"""`menling speech`: prompts that people record, instead of having them synthesised."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from audio.wav import WavError, read_wav
from campaigns.settings import Settings
from console.screen import complain, say, screen
from console.terminal import SettingsFile, plain_errors, settings_from
from ivr.flow import flows, load_flow
from ivr.flow_model import Flow
from ivr.recordable import Coverage, coverage, recordable, wordings_by_file
from tts.recordings import Recordings, load_recordings
from tts.speech import SpeechError
from tts.takes import import_takes

speech_app = typer.Typer(
    help="Recorded prompts.",
    epilog="Example: menling speech list pre-delivery --csv > recordings.csv",
    no_args_is_help=True,
)

Language = Annotated[str, typer.Option(help="Language of the flow.")]


@speech_app.command("list", epilog="Example: menling speech list pre-delivery --csv > list.csv")
def list_speech(
    flow: Annotated[str, typer.Argument(help="Id of the flow.")],
    language: Language = "zh-CN",
    as_csv: Annotated[bool, typer.Option("--csv", help="As CSV, for a spreadsheet.")] = False,
) -> None:
    """Print what there is to record: the name of each file and the words to read.

    Keep the CSV as recordings.csv beside the recordings: it says what was read.
    """
    with plain_errors():
        pieces = {each.file: each for each in recordable(load_flow(flow, language))}
    if as_csv:
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\n")
        table.writerow(("file", "words", "in", "seconds"))
        for file, each in pieces.items():
            table.writerow((file, each.piece.text, each.wording, f"{each.seconds:.1f}"))
        typer.echo(text.getvalue(), nl=False)
        return
    for file, each in pieces.items():
        say(f"{file}  {each.piece.text}")
    total = sum(each.seconds for each in pieces.values())
    say(f"{len(pieces)} files, about {total / 60:.0f} minutes of speech.")


@speech_app.command("import", epilog="Example: menling speech import studio/")
def import_speech(
    folder: Annotated[Path, typer.Argument(help="Folder of WAVs, named as `list` names them.")],
    settings: SettingsFile = None,
) -> None:
    """Take recordings in: any rate, mono or stereo; they leave as telephone sound of one loudness.

    Where the folder holds recordings.csv, that is what was read; else it is the wording of now.
    """
    with plain_errors():
        library = settings_from(settings).prompt_recordings_dir
        takes = import_takes(folder, library, wordings_by_file(_all_flows()))
    refused = [take for take in takes if take.problem]
    for take in refused:
        complain(f"{take.name}: {take.problem}")
    say(f"{len(takes) - len(refused)} of {len(takes)} recordings are in {library}.")
    say("A run that is under way speaks with them after it was begun again.")
    if refused:
        raise typer.Exit(1)


@speech_app.command("check", epilog="Example: menling speech check")
def check_speech(
    flow: Annotated[str, typer.Argument(help="Id of a flow; none: all flows.")] = "",
    settings: SettingsFile = None,
) -> None:
    """Say which recordings are missing, broken, or of words that are worded differently now."""
    with plain_errors():
        found = settings_from(settings)
        recordings = load_recordings(found.prompt_recordings_dir)
        surveys = {
            (each.id, each.language): (each, coverage(each, recordings))
            for each in _all_flows()
            if flow in {"", each.id}
        }
        if not surveys:
            known = ", ".join(sorted({flow_id for flow_id, _ in flows()}))
            raise SpeechError(f"there is no flow {flow!r}; there are {known}")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("Flow", "Language", "Recorded", "Missing", "Outdated"):
        table.add_column(name, justify="left" if name in {"Flow", "Language"} else "right")
    for (name, language), (_, there) in surveys.items():
        counts = (len(there.recorded), len(there.missing), len(there.outdated))
        table.add_row(name, language, *map(str, counts))
    screen.print(table)
    faults = [*_outdated(there for _, there in surveys.values()), *broken(recordings)]
    for fault in faults:
        complain(fault)
    say("What is missing or outdated is synthesised.")
    if faults:
        raise typer.Exit(1)


def recording_faults(settings: Settings) -> list[str]:
    """Return what is wrong with the recorded prompts; raises SpeechError when nothing is known."""
    recordings = load_recordings(settings.prompt_recordings_dir)
    if not recordings.clips:
        return []
    surveys = (coverage(flow, recordings) for flow in _all_flows())
    return [*_outdated(surveys), *broken(recordings)]


def broken(recordings: Recordings) -> Iterator[str]:
    """Yield which files of the library can't be played."""
    for recording in recordings.clips.values():
        try:
            read_wav(recording.path)
        except (WavError, OSError) as error:
            yield f"{error} Import it again."


def _outdated(surveys: Iterable[Coverage]) -> Iterator[str]:
    told: set[str] = set()
    for there in surveys:
        for each, recorded in there.outdated:
            if each.file not in told:
                told.add(each.file)
                yield f"{each.file} says {recorded!r}; worded now: {each.piece.text!r}. Record it."


@cache
def _all_flows() -> tuple[Flow, ...]:
    return tuple(load_flow(flow_id, language) for flow_id, language in flows())
