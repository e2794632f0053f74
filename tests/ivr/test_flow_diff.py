"""What changed between two versions of a flow is told in sentences."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ivr.flow import Flow, load_flow_file
from ivr.flow_diff import differences

HANDBOOK = (Path(__file__).parents[2] / "docs" / "flows.md").read_text(encoding="utf-8")
EXAMPLE = re.findall(r"```yaml\n(flow: .*?)```", HANDBOOK, re.DOTALL)[0]


def written(folder: Path, text: str) -> Flow:
    file = folder / "station-pickup.yaml"
    file.write_text(text, encoding="utf-8")
    return load_flow_file(file)


def changes(folder: Path, old: str, new: str) -> tuple[str, ...]:
    """Return what is told when the handbook's example says `new` instead of `old`."""
    assert old in EXAMPLE
    return differences(written(folder, EXAMPLE), written(folder, EXAMPLE.replace(old, new, 1)))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('version: "1"', 'version: "2"', "Version 1 becomes 2."),
        (
            "time_limit_seconds: 120",
            "time_limit_seconds: 90",
            "time_limit_seconds was 120 and is 90.",
        ),
        (
            "first: 您今天来取吗?",
            "first: 您今天能来取吗?",
            "The prompt will_you_come (first) says “您今天能来取吗?” instead of “您今天来取吗?”.",
        ),
        (
            "    again: 快递在驿站,您今天来取吗?\n",
            "",
            "The prompt will_you_come has no wording again any more: “快递在驿站,您今天来取吗?”.",
        ),
        (
            "      yes: see_you\n      no: person\n",
            "      yes: see_you\n      no: see_you\n",
            "The answer no at opening leads to see_you instead of person.",
        ),
        (
            "      no: person\n",
            "      no: {say: slower, then: person}\n",
            "The answer no at opening has other conditions or effects: say slower → person.",
        ),
        (
            '        "2": no\n',
            '        "2": call_later\n',
            "Key 2 at opening means call_later now.",
        ),
        (
            "end: {outcome: confirmed}",
            "end: {outcome: informed}",
            "see_you ends with outcome informed instead of confirmed.",
        ),
    ],
)
def test_a_change_is_told(tmp_path: Path, old: str, new: str, told: str):
    assert changes(tmp_path, old, new) == (told,)


def test_what_is_new_is_named(tmp_path: Path):
    asks = "      expects: [yes, no]\n"
    plain, filling = EXAMPLE, EXAMPLE.replace(asks, f"{asks}      fills: reason\n")
    declared = filling.replace("prompts:\n", "slots:\n  reason: {kind: words}\nprompts:\n")
    told = differences(written(tmp_path, plain), written(tmp_path, declared))
    assert told == (
        "The slot reason is new.",
        "The question opening: fills was nothing and is reason.",
    )


def test_the_same_words_have_no_differences(tmp_path: Path):
    assert changes(tmp_path, "prompts:", "prompts:") == ()
