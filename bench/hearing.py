"""How well Menling hears and understands: `python -m bench.hearing [--share 0.25] [--write]`.

Plays the corpus (`audio_fixtures/corpus`) over simulated lines into voice detection, end of turn,
recognition and understanding, all in this process and not in real time, and compares with the
labels:

  CER      characters to change, add or leave out, of a hundred that were said; homophones count
  intents  sentences whose most important intent is understood
  slots    windows, places, addresses and numbers as a dispatcher would judge them

Takes about four minutes for the whole corpus in two processes.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from asr.model_files import bundled_model
from asr.recognizer import SpeechModel
from audio_fixtures.corpus.conditions import CONDITIONS, Condition
from audio_fixtures.corpus.ear import Ear, Heard
from audio_fixtures.corpus.recordings import Recording, a_share, everything_said, recordings, voices
from bench.heard import tables
from ivr.nlu.understanding import prepare

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- figures of bench.hearing {} -->", "<!-- end of the figures of hearing {} -->"


def chosen(language: str, portion: float) -> list[Recording]:
    """Return a seeded share of what is spoken in a language, with all noises for Mandarin."""
    speakers = voices()
    wanted = {language, ""} if language == "zh-CN" else {language}
    return a_share([row for row in recordings() if speakers[row.voice].language in wanted], portion)


def listen(
    model: Path, language: str, rows: Sequence[Recording], conditions: Sequence[Condition]
) -> list[Heard]:
    """Hear recordings in all conditions, in this process."""
    prepare(language)
    ear = Ear(SpeechModel(model), language, everything_said(recordings()))
    heard: list[Heard] = []
    for condition in conditions:
        heard += [ear.hear(row, condition) for row in rows]
        print(f"{condition.name}: {len(rows)} heard", file=sys.stderr, flush=True)
    return heard


def listen_in(
    processes: int,
    model: Path,
    language: str,
    rows: Sequence[Recording],
    conditions: Sequence[Condition],
) -> list[Heard]:
    """Hear recordings in several processes."""
    if processes == 1:
        return listen(model, language, rows, conditions)
    parts = [rows[number::processes] for number in range(processes)]
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        each = [pool.submit(listen, model, language, part, conditions) for part in parts]
        heard = [one for part in each for one in part.result()]
    order = [condition.name for condition in conditions]
    return sorted(heard, key=lambda one: order.index(one.condition))


def write(page: Path, language: str, text: str) -> None:
    """Put the figures between the marks of the page."""
    begin, end = BEGIN.format(language), END.format(language)
    before, found, rest = page.read_text(encoding="utf-8").partition(begin)
    _, ended, after = rest.partition(end)
    if not (found and ended):
        raise SystemExit(f"{page} lacks the lines {begin} and {end}; put them where figures belong")
    page.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")


def missed(heard: Sequence[Heard]) -> list[str]:
    """Return what went wrong, except for sentences that are kept apart from rule writing."""
    return [
        f"{each.condition} {each.recording.id} [{each.recording.question}] "
        f"{each.recording.text} -> {each.text}   ({each.recording.label})"
        for each in heard
        if each.recording.split != "test" and not (each.intent and all(each.slots.values()))
    ]


def main(argv: Sequence[str] | None = None) -> None:
    """Hear the corpus and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="Example: python -m bench.hearing --share 0.25 --processes 2",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--share", type=float, default=1.0, help="of the recordings, 0 to 1")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--language", default="zh-CN", help="zh-CN or en-US")
    parser.add_argument("--model", type=Path, default=bundled_model(), help="folder of the model")
    names = [condition.name for condition in CONDITIONS]
    parser.add_argument("--condition", action="append", choices=names, help="only this one")
    parser.add_argument("--missed", action="store_true", help="list what went wrong as well")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/")
    options = parser.parse_args(argv)
    wanted = [each for each in CONDITIONS if each.name in (options.condition or names)]
    rows = chosen(options.language, options.share)
    heard = listen_in(options.processes, options.model, options.language, rows, wanted)
    if options.missed:
        print("\n".join(missed(heard)))
    text = f"Model {options.model.name}.\n\n{tables(heard, voices())}"
    print(text)
    if options.write:
        write(PAGE, options.language, text)


if __name__ == "__main__":
    main()
