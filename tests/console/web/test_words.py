"""Everything is said in both languages, and templates hold nothing that a browser refuses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from console.web.audit import Action
from console.web.navigation import PLACES
from console.web.words import FOLDER, Language, WordsError, language_wanted, words_in
from store.people_types import Role, Theme

WEB = FOLDER.parent
TEMPLATES = sorted((WEB / "templates").glob("**/*.html"))
CODE = sorted(WEB.glob("**/*.py"))
KEY = re.compile(r"""\bt\(\s*["']([a-z][\w-]*(?:\.[\w-]+)+)["']\s*[,)]""")
BEGINNING = re.compile(r"""\bt\(\s*["']([a-z][\w.-]*[._])["']\s*~""")
SLOT = re.compile(r"\{(\w+)\}")
REFUSED = (
    re.compile(r"<script(?![^>]*\bsrc=)", re.I),
    re.compile(r"<style\b", re.I),
    re.compile(r"<[^>{]*\sstyle\s*=", re.I),
    re.compile(r"<[^>{]*\son[a-z]+\s*=", re.I),
    re.compile(r"\|\s*safe\b"),
)


def test_what_templates_and_pages_say_has_words() -> None:
    words = words_in(Language.CHINESE)
    used = {
        (file.name, key)
        for file in (*TEMPLATES, *CODE)
        for key in KEY.findall(file.read_text("utf-8"))
    }
    assert len(used) > 50
    assert sorted((file, key) for file, key in used if key not in words) == []


def test_keys_that_code_hands_on_have_words() -> None:
    words = words_in(Language.CHINESE)
    subjects = "|".join(sorted({key.split(".")[0] for key in words.wordings}))
    key = re.compile(rf"""["']((?:{subjects})\.(?!html|js|css|svg|yaml|json)[a-z][\w-]*)["']""")
    used = {(file.name, each) for file in CODE for each in key.findall(file.read_text("utf-8"))}
    used |= {
        (file.name, f"done.{each}")
        for file in (*CODE, *TEMPLATES)
        for each in re.findall(r"[?&]done=(\w+)", file.read_text("utf-8"))
    }
    assert ("users.py", "done.user_changed") in used
    assert sorted((file, each) for file, each in used if each not in words) == []


def test_words_that_are_put_together_have_at_least_a_beginning() -> None:
    words = words_in(Language.CHINESE)
    begun = {key for file in TEMPLATES for key in BEGINNING.findall(file.read_text("utf-8"))}
    assert {"role.", "nav."} <= begun
    assert [each for each in begun if not any(key.startswith(each) for key in words.wordings)] == []


def test_every_word_of_a_vocabulary_has_its_wording() -> None:
    words = words_in(Language.ENGLISH)
    wanted = [f"audit.{each}" for each in Action]
    wanted += [f"role.{each}" for each in Role] + [f"theme.{each}" for each in Theme]
    wanted += [f"language.{each}" for each in Language] + [f"nav.{each.name}" for each in PLACES]
    assert [each for each in wanted if each not in words] == []


def test_both_languages_fill_the_same_slots() -> None:
    chinese, english = (words_in(each).wordings for each in Language)

    def slots(wording) -> set[str]:
        texts = [wording] if isinstance(wording, str) else list(wording.values())
        return {slot for text in texts for slot in SLOT.findall(text)}

    assert {key for key in chinese if slots(chinese[key]) != slots(english[key])} == set()


def test_chinese_wordings_are_chinese() -> None:
    hanzi = re.compile(r"[\u4e00-\u9fff]")
    chinese, english = (words_in(each).wordings for each in Language)
    same = {key for key in chinese if chinese[key] == english[key]}
    spoken = {key for key in same if len(str(english[key]).split()) > 2}
    assert spoken == set(), "said in English to people who chose Chinese"
    assert [key for key in english if hanzi.search(str(english[key])) and key not in same] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_has_no_script_or_style_in_it_and_trusts_no_text(template: Path) -> None:
    text = template.read_text("utf-8")
    assert [each.pattern for each in REFUSED if each.search(text)] == []


def test_a_number_chooses_between_one_and_more(tmp_path, monkeypatch) -> None:
    written(
        tmp_path, monkeypatch, 'n: {zh-CN: "{n} 通", en-US: {one: "{n} call", other: "{n} calls"}}'
    )
    english, chinese = words_in(Language.ENGLISH), words_in(Language.CHINESE)
    assert [english("x.n", n=1), english("x.n", n=2)] == ["1 call", "2 calls"]
    assert chinese("x.n", n=1) == "1 通"
    with pytest.raises(KeyError):
        english("x.unknown")


@pytest.mark.parametrize(
    "text",
    ["n: {zh-CN: 一}", "n: {zh-CN: 一, en-US: 1}", "- n", "off: {zh-CN: 关, en-US: Off}",
     "n: {zh-CN: 一, en-US: {one: x}}", "n: {zh-CN: 一, en-US: really? no}"],
)  # fmt: skip
def test_a_file_of_words_that_lacks_something_is_named(tmp_path, monkeypatch, text) -> None:
    written(tmp_path, monkeypatch, text)
    with pytest.raises(WordsError, match=r"x\.yaml"):
        words_in(Language.ENGLISH)


def written(folder: Path, monkeypatch, text: str) -> None:
    (folder / "x.yaml").write_text(text, "utf-8")
    monkeypatch.setattr("console.web.words.FOLDER", folder)
    words_in.cache_clear()


@pytest.fixture(autouse=True)
def _words_as_they_are():
    yield
    words_in.cache_clear()


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("", "zh-CN"), ("en-GB,en;q=0.9", "en-US"), ("zh-TW,en", "zh-CN"), ("fr,en;q=0.5", "en-US"),
     ("de", "zh-CN")],
)  # fmt: skip
def test_a_browser_is_spoken_to_as_it_asks(accepted, language) -> None:
    assert language_wanted(accepted) == language
