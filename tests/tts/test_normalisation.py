"""What is written and how it is said: the tables beside this file."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import yaml

from tts import free_text_en
from tts.free_text import speakable
from tts.prompts import render
from tts.readings import pinyin

TABLES = {
    language: yaml.safe_load(
        Path(__file__).with_name(f"normalisation.{language}.yaml").read_text("utf-8")
    )
    for language in ("zh-CN", "en-US")
}
MOMENTS = ("date", "full_date", "time", "moment", "window", "part")


def items(language: str) -> Iterator[tuple[str, str, str, str]]:
    for section, table in TABLES[language].items():
        for written, said in table.items():
            yield language, section, written, said


ITEMS = [*items("zh-CN"), *items("en-US")]


def moment(text: str, now: datetime) -> datetime:
    days, _, clock = text.partition(" ")
    hour, minute = map(int, clock.split(":"))
    return (now + timedelta(days=int(days))).replace(hour=hour, minute=minute)


def value(section: str, written: str, now: datetime) -> object:
    if section in {"money", "count"}:
        return int(written)
    if section not in MOMENTS:
        return written
    found = [moment(each, now) for each in re.findall(r"[-+]\d+ \d\d:\d\d", written)]
    return found[0] if len(found) == 1 else tuple(found)


def said_of(language: str, section: str, written: str, now: datetime) -> str:
    if section == "readings":
        return pinyin(written)
    if section == "text":
        return (speakable if language == "zh-CN" else free_text_en.speakable)(written)
    return render(f"{{it|{section}}}", {"it": value(section, written, now)}, now, language)


@pytest.mark.parametrize(("language", "section", "written", "said"), ITEMS)
def test_what_is_written_is_said_as_people_say_it(
    now: datetime, language: str, section: str, written: str, said: str
) -> None:
    assert said_of(language, section, written, now).split() == str(said).split()


def test_there_are_enough_items_to_trust_them() -> None:
    assert len([*items("zh-CN")]) >= 300
    assert len([*items("en-US")]) >= 60


def test_no_figure_or_sign_is_left_for_the_mandarin_voice_to_guess(now: datetime) -> None:
    for language, section, written, _ in items("zh-CN"):
        said = said_of(language, section, written, now)
        assert section == "readings" or not re.search(r"[\d%&+=~@#*$/_\\]", said), written


@pytest.mark.tts
def test_espeak_says_every_syllable_of_these_and_spells_none(now: datetime) -> None:
    """It spells what is no pinyin to it, which takes more than one syllable or another voice."""
    sentences = [
        said_of(*item[:3], now) if item[1] == "readings" else pinyin(said_of(*item[:3], now))
        for item in items("zh-CN")
    ]
    syllables = sorted(set(re.findall(r"[a-z]+[1-5]", " ".join(sentences))))
    assert len(syllables) > 300
    heard = subprocess.run(
        ["espeak-ng", "-q", "-x", "-v", "cmn-latn-pinyin"],
        input="\n".join(f"{syllable}." for syllable in syllables),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert len(heard) == len(syllables)
    spelt = [
        (syllable, sound)
        for syllable, sound in zip(syllables, heard, strict=True)
        if "(en)" in sound or len(re.findall(r"[1-5]+|\[33|&214|\|", sound)) > 2
    ]
    assert spelt == []
