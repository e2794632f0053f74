"""Who speaks English is heard with the English model, or not rung at all."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

COLUMNS = ("运单号", "收件人", "电话", "地址", "预约时段", "语言")


@pytest.fixture
def imported(menling, at_home: Path):
    """Import a campaign with a recipient for each language."""

    def imports(*languages: str) -> None:
        with (at_home / "m.csv").open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(COLUMNS)
            for number, language in enumerate(languages, start=1):
                waybill, phone = f"SD{number:010}", f"1380013800{number}"
                rows.writerow((waybill, "Ann", phone, "幸福路1号", "明天 14:00-16:00", language))
        assert menling("import", "m.csv", "--campaign", "tomorrow").status == 0

    return imports


def test_each_language_of_a_campaign_is_kept_from_real_people(
    menling, imported, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported("en-US")
    monkeypatch.setenv("MENLING_TRUNK__HOST", "192.0.2.7")
    answer = menling("run", "tomorrow")
    assert answer.status == 1
    assert "en-US would be heard with model-en-delivery." in answer.complained
    assert "menling models fetch vosk-model-small-en-us-0.15" in answer.complained
    assert "recognition.english_model" in answer.complained
    assert "zh-CN" not in answer.complained


def test_a_language_without_its_model_is_refused_before_anybody_is_rung(
    menling, imported, at_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported("zh-CN", "en-US")
    monkeypatch.setenv("MENLING_TRUNK__HOST", "127.0.0.1")
    monkeypatch.setenv("MENLING_RECOGNITION__ENGLISH_MODEL", str(at_home / "lost"))
    answer = menling("run", "tomorrow")
    assert answer.status == 1
    assert f"There is no speech model at {at_home / 'lost'}" in answer.complained


def test_a_model_of_another_language_is_refused(
    menling, imported, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported("en-US")
    mandarin = str(Path(__file__).parents[2] / "asr" / "models" / "model-zh-delivery")
    monkeypatch.setenv("MENLING_RECOGNITION__ENGLISH_MODEL", mandarin)
    answer = menling("run", "tomorrow")
    assert answer.status == 1
    assert "does not write en-US" in answer.complained
    assert "recognition.english_model" in answer.complained
