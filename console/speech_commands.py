"""`menling speech`: prompts that people record, instead of having them synthesised."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from audio.wav import WavError, read_wav
from campaigns.published_flows import PublishedFlows
from campaigns.settings import Settings
from console.running import open_store
from console.screen import complain, say, screen
from console.terminal import SettingsFile, plain_errors, settings_from
from ivr.flow import flows, load_flow, load_flow_file
from ivr.flow_model import Flow, FlowError
from ivr.recordable import Coverage, coverage, recordable, wordings_by_file
from store.flow_publications import publications
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
    flow: Annotated[str, typer.Argument(help="Id of the flow, or a flow file of yours.")],
    language: Language = "zh-CN",
    settings: SettingsFile = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="As CSV, for a spreadsheet.")] = False,
) -> None:
    """Print what there is to record: the name of each file and the words to read.

    Keep the CSV as recordings.csv beside the recordings: it says what was read.
    """
    with plain_errors():
        said = _asked_for(flow, language, settings)
        pieces = {each.file: each for each in recordable(said)}
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
        chosen = settings_from(settings)
        library = chosen.prompt_recordings_dir
        takes = import_takes(folder, library, wordings_by_file(_said_now(chosen)))
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
            (each.id, each.language): coverage(each, recordings) for each in _said_now(found, flow)
        }
        if not surveys:
            known = ", ".join(sorted({flow_id for flow_id, _ in flows()}))
            raise SpeechError(f"there is no flow {flow!r}; there are {known}")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("Flow", "Language", "Recorded", "Missing", "Outdated"):
        table.add_column(name, justify="left" if name in {"Flow", "Language"} else "right")
    for (name, language), there in surveys.items():
        counts = (len(there.recorded), len(there.missing), len(there.outdated))
        table.add_row(name, language, *map(str, counts))
    screen.print(table)
    faults = [*_outdated(surveys.values()), *broken(recordings)]
    for fault in faults:
        complain(fault)
    say("What is missing or outdated is synthesised.")
    if faults:
        raise typer.Exit(1)


def _asked_for(flow: str, language: str, settings: Path | None) -> Flow:
    if Path(flow).is_file():
        return load_flow_file(Path(flow))
    there = _in_force(settings_from(settings))
    if (flow, language) in there:
        return _flow(flow, language, there[flow, language])
    known = ", ".join(f"{name} ({spoken})" for name, spoken in there)
    raise SpeechError(f"there is no flow {flow!r} in {language}; there are {known}")


def recording_faults(settings: Settings) -> list[str]:
    """Return what is wrong with the recorded prompts.

    Raises SpeechError, FlowError and StoreError when nothing can be known.
    """
    recordings = load_recordings(settings.prompt_recordings_dir)
    if not recordings.clips:
        return []
    surveys = (coverage(flow, recordings) for flow in _said_now(settings))
    return [*_outdated(surveys), *broken(recordings)]


def broken(recordings: Recordings) -> Iterator[str]:
    """Yield which files of the library can't be played."""
    for recording in recordings.clips.values():
        try:
            read_wav(recording.path)
        except (WavError, OSError) as error:
            yield f"{error} Import it again."


def _outdated(surveys: Iterable[Coverage]) -> Iterator[str]:
    told: set[Path] = set()
    for there in surveys:
        for each, recorded in there.outdated:
            if recorded.path not in told:
                told.add(recorded.path)
                said, now = recorded.says, each.piece.text
                yield f"{recorded.path} says {said!r}; worded now: {now!r}. Record it."


def _said_now(settings: Settings, only: str = "") -> list[Flow]:
    """Return the flows that calls say now; one with faults is said by no call and left out."""
    said = []
    for (flow_id, language), file in _in_force(settings).items():
        if only in {"", flow_id}:
            with suppress(FlowError):
                said.append(_flow(flow_id, language, file))
    return said


def _in_force(settings: Settings) -> dict[tuple[str, str], Path | None]:
    """Return every flow that calls say now, with its published file; None: as shipped."""
    database = open_store(settings)
    try:
        published = PublishedFlows(database, settings.flows_dir)
        with database.reading() as session:
            names = {each.flow for each in publications(session)}
        files = {
            (flow_id, language): file
            for flow_id in names
            for language, file in published.files(flow_id).items()
        }
    finally:
        database.close()
    return dict(sorted({**dict.fromkeys(flows()), **files}.items()))


@cache  # of one command, which needs a flow more than once
def _flow(flow_id: str, language: str, published: Path | None) -> Flow:
    return load_flow(flow_id, language) if published is None else load_flow_file(published)
