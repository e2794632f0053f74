from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from console.shipped import example
from store.database import Database
from store.queries import campaign_named, contact_lines
from store.values import ContactLine

HEADER = "运单号,收件人,电话,地址,预约时段"


def row(number: int, phone: str = "", window: str = "明天 14:00-16:00", door: int = 1) -> str:
    return f"SD{number:06},王小明,{phone or f'139{number:08}'},幸福路{door}号,{window}"


def manifest(path: Path, *rows: str, header: str = HEADER) -> Path:
    path.write_text("\n".join((header, *rows, "")), "utf-8")
    return path


@contextmanager
def store(at_home: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{at_home / 'data' / 'menling.db'}")
    yield database
    database.close()


def contacts(at_home: Path, campaign: str = "tomorrow") -> tuple[ContactLine, ...]:
    with store(at_home) as database, database.reading() as session:
        facts = campaign_named(session, campaign)
        return contact_lines(session, facts.id) if facts else ()


def test_the_example_comes_in_whole(menling, at_home: Path) -> None:
    answer = menling("import", example("manifest.csv"), "--campaign", "tomorrow")
    assert answer.status == 0
    assert answer.said == "manifest.csv: 24 rows: 24 new.\n"
    assert len(contacts(at_home)) == 24


def test_the_same_file_again_changes_nothing(menling, at_home: Path) -> None:
    file = manifest(at_home / "m.csv", row(1), row(2))
    menling("import", file, "--campaign", "tomorrow")
    answer = menling("import", file, "--campaign", "tomorrow")
    assert answer.status == 0
    assert "nothing changed" in answer.said
    assert len(contacts(at_home)) == 2


def test_a_corrected_file_says_what_it_changed(menling, at_home: Path) -> None:
    menling("import", manifest(at_home / "m.csv", row(1), row(2)), "--campaign", "tomorrow")
    file = manifest(at_home / "m.csv", row(1), row(2, door=9), row(3))
    answer = menling("import", file, "--campaign", "tomorrow")
    assert answer.said == "m.csv: 3 rows: 1 new, 1 updated, 1 unchanged.\n"


def test_bad_rows_are_told_and_good_ones_come_in(menling, at_home: Path) -> None:
    file = manifest(at_home / "m.csv", row(1), row(2, phone="12345"), row(3, window="改天"), row(4))
    answer = menling("import", file, "--campaign", "tomorrow")
    assert answer.status == 3
    assert "m.csv: 4 rows: 2 new, 2 not imported." in answer.said
    assert "第 3 行，电话" in answer.said
    assert "第 4 行，预约时段“改天”：看不懂这个时段。请写成" in answer.said
    assert len(contacts(at_home)) == 2


def test_ten_thousand_rows_with_bad_ones_among_them_lose_none(menling, at_home: Path) -> None:
    rows = [row(number, phone="12345" if number % 20 == 0 else "") for number in range(10_000)]
    file = manifest(at_home / "big.csv", *rows)
    answer = menling("import", file, "--campaign", "tomorrow")
    assert answer.status == 3
    assert "big.csv: 10000 rows: 9500 new, 500 not imported." in answer.said
    assert "… and 480 more." in answer.said
    listed = at_home / "data" / "results" / "big.problems.csv"
    assert f"All problems: {listed}. Put them right" in answer.said
    with listed.open(encoding="utf-8-sig", newline="") as text:
        problems = list(csv.DictReader(text))
    assert [problem["行"] for problem in problems] == [str(n + 2) for n in range(0, 10_000, 20)]
    assert all(problem["怎么办"] for problem in problems)
    assert len(contacts(at_home)) == 9500


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "文件是空的"),
        (HEADER.replace("运单号,", "").encode() + b"\n" + row(1).encode(), "缺少这些列：运单号"),
        (HEADER.encode("utf-8").decode("latin-1").encode() + b"\n1,2,3,4,5\n", "表头是乱码"),
        (b"\xff\x00\x81\x00PNG\x00\x01", "编码无法识别"),
    ],
    ids=["empty", "column missing", "wrong encoding", "no table"],
)
def test_a_file_that_cant_be_used_says_what_to_do(
    menling, at_home: Path, content: bytes, says: str
) -> None:
    file = at_home / "m.csv"
    file.write_bytes(content)
    answer = menling("import", file, "--campaign", "tomorrow")
    assert answer.status == 1
    assert f"{file}: " in answer.complained
    assert says in answer.complained
    assert "请" in answer.complained
    assert answer.complained.count("\n") == 1
    assert file.read_bytes() == content
    assert contacts(at_home) == ()


def test_one_bad_file_keeps_no_other_out(menling, at_home: Path) -> None:
    bad, good = at_home / "bad.csv", manifest(at_home / "good.csv", row(1))
    bad.touch()
    answer = menling("import", bad, good, "--campaign", "tomorrow")
    assert answer.status == 1
    assert "good.csv: 1 rows: 1 new." in answer.said
    assert "bad.csv: 文件是空的" in answer.complained
    assert len(contacts(at_home)) == 1


def test_a_file_that_is_not_there_leaves_no_campaign_behind(menling, at_home: Path) -> None:
    answer = menling("import", "lost.csv", "--campaign", "tomorrow")
    assert answer.status == 1
    assert answer.complained == (
        "Error: lost.csv: No such file or directory. Check the name and the folder.\n"
    )
    assert "There is no campaign tomorrow" in menling("report", "tomorrow").complained


def test_an_unknown_flow_names_those_there_are(menling, at_home: Path) -> None:
    file = manifest(at_home / "m.csv", row(1))
    answer = menling("import", file, "--campaign", "tomorrow", "--flow", "pre-dilevery")
    assert answer.status == 1
    assert "pre-delivery" in answer.complained


def test_a_full_disk_takes_nothing_in_and_loses_nothing(menling, at_home: Path) -> None:
    menling("import", manifest(at_home / "first.csv", row(1)), "--campaign", "tomorrow")
    big = manifest(at_home / "big.csv", *(row(number) for number in range(2, 4000)))
    # A limit on the size of files behaves as a full disk does, in a process of its own.
    limited = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000)); "
        "from console.cli import app; app()"
    )
    done = subprocess.run(
        [sys.executable, "-c", limited, "import", str(big), "--campaign", "tomorrow"],
        capture_output=True, text=True, check=False, env=os.environ,
    )  # fmt: skip
    assert done.returncode == 1
    assert "free some space" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(contacts(at_home)) == 1
    assert menling("import", big, "--campaign", "tomorrow").status == 0
    assert len(contacts(at_home)) == 3999
    with store(at_home) as database, database.reading() as session:
        assert session.scalar(sa.text("PRAGMA integrity_check")) == "ok"
