"""How sure `understand` may be: what a recogniser heard, against what was meant.

`python -m bench.understanding --hear HEARD.jsonl` plays the recordings that rules may be written
with (`audio_fixtures/corpus`, split dev) in noise into the bundled model and keeps what it heard:
lines of JSON [question, said, meant, noise, text, confidence, [[text, share], ...]].

`python -m bench.understanding HEARD.jsonl` prints how often meanings of each confidence are right,
with and without alternatives, and the map that `ivr/nlu/certainty.py` holds.
Without arguments: the time of `understand` over the corpora of text, long utterances too.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from asr.hearing import Alternative
from asr.model_files import bundled_model
from asr.recognizer import SpeechModel
from audio_fixtures.corpus.conditions import NOISY_10, NOISY_15
from audio_fixtures.corpus.ear import Ear
from audio_fixtures.corpus.recordings import (
    Kind,
    a_share,
    everything_said,
    recordings,
    voices,
)
from audio_fixtures.meant import QUESTIONS, judged, sentences
from ivr.meaning import Intent
from ivr.nlu.certainty import fitted
from ivr.nlu.understanding import prepare, understand, understand_raw

NOW = datetime(2026, 3, 11, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
"""The moment the corpora speak of."""
BINS = 10
TEXTS = Path(__file__).resolve().parent.parent / "tests" / "ivr" / "nlu" / "corpus"
LONGEST = 160


def hear(model: Path, portion: float) -> Iterator[str]:
    """Yield what is heard of the recordings, a line of JSON each."""
    speakers, every = voices(), recordings()
    ear = Ear(SpeechModel(model), "zh-CN", everything_said(every))
    rows = [
        row
        for row in a_share(every, portion)
        if row.kind is Kind.SENTENCE
        and row.split != "test"
        and speakers[row.voice].language == "zh-CN"
    ]

    for condition in (NOISY_15, NOISY_10):
        for row in rows:
            _, utterances = ear.listen(row, condition)
            for said in [each for each in utterances if each.text][:1]:
                others = [[each.text, each.confidence] for each in said.alternatives]
                kept = (row.question, row.text, row.label, condition.name)
                yield json.dumps([*kept, said.text, said.confidence, others], ensure_ascii=False)


Judged = list[tuple[float, bool]]
"""How sure each meaning was said to be, and whether it was right."""


def judge(lines: Sequence[str], *, with_alternatives: bool, raw: bool = False) -> Judged:
    """Return how sure each meaning was, and whether it was right; `raw`: before the map."""
    results: Judged = []
    for line in lines:
        question, _, meant, _, text, confidence, others = json.loads(line)
        given = tuple(Alternative(*other) for other in others) if with_alternatives else ()
        ask = understand_raw if raw else understand
        meaning = ask(text, confidence, QUESTIONS[question], NOW, alternatives=given)
        right = judged(meant, meaning, NOW, by_sound=True).intent
        results.append((0.0 if meaning.intent is Intent.NOTHING else meaning.confidence, right))
    return results


def reliability(results: Judged) -> str:
    """Return the table of how often meanings of each confidence are right."""
    by_bin: dict[int, Judged] = defaultdict(list)
    for sure, right in results:
        if sure:
            by_bin[min(BINS - 1, int(sure * BINS))].append((sure, right))
    lines = ["| said to be | is right | of |", "|---|---|---|"]
    for place in sorted(by_bin):
        sures, rights = zip(*by_bin[place], strict=True)
        count = len(rights)
        lines.append(f"| {sum(sures) / count:.2f} | {sum(rights) / count:.2f} | {count} |")
    return "\n".join(lines)


def measure(lines: Sequence[str]) -> None:
    """Print both tables and the map."""
    for with_alternatives in (False, True):
        results = judge(lines, with_alternatives=with_alternatives)
        right = sum(right for _, right in results) / len(results)
        print(f"\n{'with' if with_alternatives else 'without'} alternatives: ", end="")
        print(f"{len(results)} heard, intents {right:.3f}\n{reliability(results)}")
    raw = [each for each in judge(lines, with_alternatives=True, raw=True) if each[0]]
    print("\nRELIABILITY =", fitted(raw))


def measure_time(language: str) -> None:
    """Print what `understand` takes over a corpus of text, and over the longest utterances."""
    began = time.process_time()
    prepare(language)
    print(f"{language}: ready in {time.process_time() - began:.2f} s of processor time")
    corpus = sentences(TEXTS / f"dev.{language}.yaml")
    chance = random.Random(7)
    joint = " " if language == "en-US" else ""
    long = [joint.join(chance.choice(corpus).heard for _ in range(40))[:LONGEST] for _ in range(99)]
    for name, texts in (("corpus", [each.heard for each in corpus]), ("160 characters", long)):
        spent = sorted(_seconds(text, language) for text in texts)
        median, worst = spent[len(spent) // 2], spent[int(0.99 * len(spent))]
        print(f"  {name}: median {1000 * median:.2f} ms, p99 {1000 * worst:.2f} ms")


def _seconds(text: str, language: str) -> float:
    began = time.process_time()
    understand(text, 1.0, QUESTIONS["main"], NOW, language)
    return time.process_time() - began


def main(argv: Sequence[str] | None = None) -> None:
    """Hear, measure what was heard, or measure time."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("heard", type=Path, nargs="?", help="what was heard")
    parser.add_argument("--hear", type=Path, metavar="HEARD", help="listen, and write it here")
    parser.add_argument("--share", type=float, default=1.0, help="of the recordings, 0 to 1")
    parser.add_argument("--model", type=Path, default=bundled_model())
    options = parser.parse_args(argv)
    if options.hear:
        with options.hear.open("w", encoding="utf-8") as kept:
            kept.writelines(f"{line}\n" for line in hear(options.model, options.share))
    elif options.heard:
        measure(options.heard.read_text("utf-8").splitlines())
    else:
        for language in ("zh-CN", "en-US"):
            measure_time(language)


if __name__ == "__main__":
    main()
