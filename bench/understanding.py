"""How sure `understand` may be: what a recogniser heard, against what was meant.

Reads lines of JSON [question, said, meant, noise, text, confidence, [[text, share], ...]] and
prints how often meanings of each confidence are right, with and without alternatives.
Usage: python -m bench.understanding HEARD.jsonl
"""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from asr.hearing import Alternative
from audio_fixtures.meant import QUESTIONS, judged
from ivr.meaning import Intent
from ivr.nlu.understanding import prepare, understand

NOW = datetime(2026, 3, 11, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
"""The moment the corpora speak of."""
BINS = 10


def measure(lines: list[str], *, with_alternatives: bool) -> None:
    """Print accuracy and the reliability table of one way to understand."""
    by_bin: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    rights, spent = [], []
    for line in lines:
        question, _, meant, _, text, confidence, others = json.loads(line)
        given = tuple(Alternative(*other) for other in others) if with_alternatives else ()
        began = time.process_time()
        meaning = understand(text, confidence, QUESTIONS[question], NOW, alternatives=given)
        spent.append(time.process_time() - began)
        right = judged(meant, meaning, NOW, by_sound=True).intent
        rights.append(right)
        if meaning.intent is not Intent.NOTHING:
            place = min(BINS - 1, int(meaning.confidence * BINS))
            by_bin[place].append((meaning.confidence, right))
    spent.sort()
    print(f"{len(rights)} heard, intents {sum(rights) / len(rights):.3f}, ", end="")
    print(f"p99 {1000 * spent[int(0.99 * len(spent))]:.2f} ms")
    print("| said to be | is right | of |\n|---|---|---|")
    for place in sorted(by_bin):
        sure, right = zip(*by_bin[place], strict=True)
        count = len(right)
        print(f"| {sum(sure) / count:.2f} | {sum(right) / count:.2f} | {count} |")


def main() -> None:
    """Measure with the first text alone, then with all readings."""
    lines = Path(sys.argv[1]).read_text("utf-8").splitlines()
    prepare()
    for with_alternatives in (False, True):
        print(f"\n{'with' if with_alternatives else 'without'} alternatives: ", end="")
        measure(lines, with_alternatives=with_alternatives)


if __name__ == "__main__":
    main()
