from __future__ import annotations

import hashlib
import http.server
import io
import json
import shutil
import stat
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from asr.catalogue import Checksum, official_models, read_catalogue
from asr.download import download
from asr.model_files import ModelError, bundled_model, bundled_models, notice
from asr.model_shelf import ModelShelf, check
from asr.unpack import unpack_model

NAME = "vosk-model-small-cn-0.22"


class Shop(http.server.ThreadingHTTPServer):
    """A publisher's site on this machine."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Shelf)
        self.files: dict[str, bytes] = {}
        self.cut_after: int | None = None
        self.ranges: list[str] = []

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{name}"


class Shelf(http.server.BaseHTTPRequestHandler):
    server: Shop

    def do_GET(self) -> None:
        content = self.server.files.get(self.path.lstrip("/"))
        if content is None:
            self.send_error(404)
            return
        wanted = self.headers.get("Range", "")
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        self.server.ranges.append(wanted)
        if start >= len(content):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        cut, self.server.cut_after = self.server.cut_after, None
        self.wfile.write(content[start : None if cut is None else start + cut])

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def shop() -> Iterator[Shop]:
    with Shop() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def zipped(directory: Path, name: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for file in sorted(directory.rglob("*")):
            archive.write(file, f"{name}/{file.relative_to(directory)}")
    return held.getvalue()


@pytest.fixture(scope="session")
def archive() -> bytes:
    return zipped(bundled_model(), NAME)


def sha256(content: bytes) -> Checksum:
    return Checksum.of("sha256", hashlib.sha256(content).hexdigest())


def test_the_bundled_model_is_listed_first_and_says_whom_it_hears(tmp_path: Path) -> None:
    bundled, english = ModelShelf(tmp_path / "nothing").models()
    assert english.bundled
    assert (bundled.bundled, bundled.sample_rate, bundled.takes_grammars) == (True, 8000, True)
    assert bundled.words > 7000
    assert 3.0 < bundled.megabytes < 5.0
    assert "does not hear strangers" in bundled.notice
    assert "听不懂陌生人" in notice(bundled.name, "zh")
    assert bundled.problem == ""


@pytest.mark.vosk
def test_a_model_is_fetched_verified_unpacked_and_tried(
    tmp_path: Path, shop: Shop, archive: bytes
) -> None:
    shop.files["model.zip"] = archive
    seen: list[tuple[int, int]] = []
    shelf = ModelShelf(tmp_path)
    fetched = shelf.fetch(
        NAME,
        url=shop.url("model.zip"),
        checksum=sha256(archive),
        progress=lambda got, total: seen.append((got, total)),
    )
    assert fetched.problem == ""
    assert fetched.notice == ""
    assert seen[-1] == (len(archive), len(archive))
    assert [each.name for each in tmp_path.iterdir()] == [NAME]
    bundled = [path.name for path in bundled_models()]
    assert [model.name for model in shelf.models()] == [*bundled, NAME]
    assert shelf.find(NAME) == tmp_path / NAME
    with pytest.raises(ModelError, match="there already"):
        shelf.fetch(NAME, url=shop.url("model.zip"), checksum=sha256(archive))


@pytest.mark.vosk
def test_the_publishers_list_gives_address_and_checksum(
    tmp_path: Path, shop: Shop, archive: bytes
) -> None:
    entry = {
        "name": NAME,
        "url": shop.url("a.zip"),
        "md5": hashlib.md5(archive).hexdigest(),
        "size": len(archive),
        "lang": "cn",
    }
    shop.files["a.zip"] = archive
    shop.files["model-list.json"] = json.dumps([entry]).encode()
    fetched = ModelShelf(tmp_path).fetch(NAME, catalogue=shop.url("model-list.json"))
    assert fetched.problem == ""


def test_a_download_cut_off_goes_on_where_it_stopped(
    tmp_path: Path, shop: Shop, archive: bytes
) -> None:
    shop.files["model.zip"] = archive
    shop.cut_after = 100_000
    target = tmp_path / "model.zip"
    with pytest.raises(ModelError, match="goes on where it stopped"):
        download(shop.url("model.zip"), target, sha256(archive))
    download(shop.url("model.zip"), target, sha256(archive))
    assert target.read_bytes() == archive
    assert shop.ranges == ["", "bytes=100000-"]


def test_a_part_that_was_complete_is_not_fetched_again(
    tmp_path: Path, shop: Shop, archive: bytes
) -> None:
    shop.files["model.zip"] = archive
    (tmp_path / "model.zip.part").write_bytes(archive)
    download(shop.url("model.zip"), tmp_path / "model.zip", sha256(archive))
    assert (tmp_path / "model.zip").read_bytes() == archive


def test_a_wrong_checksum_leaves_nothing(tmp_path: Path, shop: Shop, archive: bytes) -> None:
    shop.files["model.zip"] = archive
    with pytest.raises(ModelError, match="another sha256"):
        ModelShelf(tmp_path).fetch(NAME, url=shop.url("model.zip"), checksum=sha256(b"else"))
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_fetched_without_a_checksum(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="--sha256"):
        ModelShelf(tmp_path).fetch(NAME)


@pytest.mark.parametrize(
    ("name", "said"), [("vosk-model-klingon", "not in the list"), ("../evil", "no name")]
)
def test_unknown_names_are_refused(name: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=said):
        ModelShelf(tmp_path).fetch(name, checksum=sha256(b""))


def test_a_missing_file_and_a_wrong_address_are_named(tmp_path: Path, shop: Shop) -> None:
    for url, said in ((shop.url("no.zip"), "404"), ("file:///etc/passwd", "no web address")):
        with pytest.raises(ModelError, match=said):
            ModelShelf(tmp_path).fetch(NAME, url=url, checksum=sha256(b""))


@pytest.mark.parametrize("member", ["../evil", "/evil", "a/../../evil", "C:/evil", "..\\evil"])
def test_an_archive_may_not_write_outside(member: str, tmp_path: Path) -> None:
    path = tmp_path / "model.zip"
    with zipfile.ZipFile(path, "w") as files:
        files.writestr(member, "x")
    with pytest.raises(ModelError, match="refused"):
        unpack_model(path, tmp_path / "model")
    assert [each.name for each in tmp_path.iterdir()] == ["model.zip"]


def test_an_archive_may_not_hold_links(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("model/am")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "model.zip", "w") as files:
        files.writestr(link, "/etc")
    with pytest.raises(ModelError, match="link"):
        unpack_model(tmp_path / "model.zip", tmp_path / "model")


def test_an_archive_of_something_else_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"nonsense")
    with pytest.raises(ModelError, match="no zip archive"):
        unpack_model(tmp_path / "a.zip", tmp_path / "model")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as files:
        files.writestr("one/readme", "x")
        files.writestr("two/readme", "x")
    with pytest.raises(ModelError, match="one directory"):
        unpack_model(tmp_path / "b.zip", tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_what_is_missing_from_a_model_is_named_with_the_cure(tmp_path: Path) -> None:
    path = tmp_path / "mine"
    shutil.copytree(bundled_model(), path)
    (path / "graph/Gr.fst").unlink()
    (path / "am/final.mdl").write_bytes(b"")
    problem = check(path).problem
    assert "am/final.mdl, graph/Gr.fst is missing or empty" in problem
    assert "menling models fetch" in problem


@pytest.mark.vosk
def test_a_damaged_model_is_found_by_trying_it(tmp_path: Path) -> None:
    path = tmp_path / "mine"
    shutil.copytree(bundled_model(), path)
    graph = path / "graph/HCLr.fst"
    graph.write_bytes(graph.read_bytes()[:5000])
    assert "mine" in check(path).problem


def test_an_unknown_model_is_answered_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"model-zh-delivery.*menling models fetch vosk-x"):
        ModelShelf(tmp_path).find("vosk-x")
    assert ModelShelf(tmp_path).find("") == bundled_model()


def test_the_models_known_by_name_come_from_their_publisher() -> None:
    assert set(official_models()) == {NAME, "vosk-model-cn-0.22", "vosk-model-small-en-us-0.15"}
    assert all(
        model.url.startswith("https://alphacephei.com/") for model in official_models().values()
    )


@pytest.mark.parametrize(
    "text", ["{", "{}x", '[{"name": "a"}]', '[{"name":"a","url":"b","md5":"z"}]']
)
def test_a_list_of_models_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ModelError):
        read_catalogue(text, "list")
