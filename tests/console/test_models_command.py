from __future__ import annotations

import functools
import hashlib
import http.server
import io
import shutil
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from asr.model_files import bundled_model

NAME = "vosk-model-small-cn-0.22"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def archive(at_home: Path) -> Path:
    """A publisher's archive; the bundled model under an official name."""
    folder = at_home / "site"
    folder.mkdir()
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as zipped:
        for file in sorted(bundled_model().rglob("*")):
            zipped.write(file, f"{NAME}/{file.relative_to(bundled_model())}")
    path = folder / "model.zip"
    path.write_bytes(held.getvalue())
    return path


@pytest.fixture
def site(archive: Path) -> Iterator[str]:
    """Where a publisher on this machine offers it."""
    handler = functools.partial(Quiet, directory=str(archive.parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/model.zip"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("command", [("models",), ("models", "list")])
def test_the_bundled_model_is_listed_with_its_warning(menling, command: tuple[str, ...]) -> None:
    answer = menling(*command)
    assert answer.status == 0
    assert "model-zh-delivery (bundled)" in answer.said
    assert "does not hear strangers" in answer.said
    assert NAME in answer.said


@pytest.mark.vosk
def test_the_models_in_use_pass_their_check(menling) -> None:
    answer = menling("models", "check")
    assert answer.status == 0
    assert "model-zh-delivery: sound. Hears zh-CN. For simulated callers only" in answer.said
    assert "model-en-delivery: sound. Hears en-US. For simulated callers only" in answer.said


def test_a_model_that_is_set_is_listed_with_the_language_it_hears(
    menling, at_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = at_home / "ours"
    shutil.copytree(bundled_model("en-US"), ours)
    monkeypatch.setenv("MENLING_RECOGNITION__ENGLISH_MODEL", str(ours))
    rows = [line.split() for line in menling("models").said.splitlines()]
    hears = {row[0]: row[-1] for row in rows if row}
    assert hears["ours"] == "en-US"
    assert hears["model-zh-delivery"] == "zh-CN"
    assert hears["model-en-delivery"] != "en-US"


def test_a_model_that_is_not_there_names_those_that_are(menling) -> None:
    answer = menling("models", "check", "vosk-model-lost")
    assert answer.status == 1
    assert "there is: model-zh-delivery" in answer.complained
    assert "menling models fetch" in answer.complained


@pytest.mark.vosk
def test_a_model_is_fetched_and_its_folder_told(
    menling, at_home: Path, archive: Path, site: str
) -> None:
    checksum = hashlib.sha256(archive.read_bytes()).hexdigest()
    answer = menling("models", "fetch", NAME, "--url", site, "--sha256", checksum)
    assert answer.status == 0
    assert f"{at_home / 'data' / 'models' / NAME} is ready; set " in answer.said
    assert "recognition.mandarin_model to it in the settings" in answer.said
    assert NAME in menling("models").said


def test_a_model_with_another_checksum_is_not_kept(menling, at_home: Path, site: str) -> None:
    answer = menling("models", "fetch", NAME, "--url", site, "--sha256", "0" * 64)
    assert answer.status == 1
    assert "checksum" in answer.complained
    assert not list((at_home / "data" / "models").iterdir())


def test_nothing_is_fetched_without_a_checksum(menling) -> None:
    answer = menling("models", "fetch", NAME)
    assert answer.status == 1
    assert "--sha256" in answer.complained


def test_a_checksum_with_a_slip_in_it_is_told(menling) -> None:
    answer = menling("models", "fetch", NAME, "--sha256", "abc")
    assert answer.status == 1
    assert "64 digits" in answer.complained
