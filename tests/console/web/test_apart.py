"""What would keep pages waiting is worked out by another process, replaced when it dies."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from time import sleep

import pytest

from campaigns.settings import Settings
from console.web.apart import Apart, ApartError, WorkError
from console.web.counted import Counted
from console.web.flow_figures import Stretch, flow_map, overview_of
from store.database import Database
from store.errors import StoreError


@pytest.fixture(scope="module")
def apart() -> Iterator[Apart]:
    """A process for all tests of this file."""
    apart = Apart()
    yield apart
    apart.close()


def test_work_is_done_by_one_other_process(apart: Apart) -> None:
    first, second = apart(os.getpid), apart(os.getpid)
    assert first == second != os.getpid()


def test_it_gives_way_to_those_who_make_calls(apart: Apart) -> None:
    assert apart(partial(os.nice, 0)) > os.nice(0)


def test_the_store_out_of_reach_is_told_as_such(apart: Apart, now: datetime) -> None:
    nowhere = Database("sqlite:////nowhere/at/all.db")
    with pytest.raises(StoreError, match="nowhere"):
        apart(partial(flow_map, nowhere, Settings(), Stretch.DAY, now))


def test_a_fault_of_the_work_is_told_and_the_process_goes_on(apart: Apart) -> None:
    before = apart(os.getpid)
    with pytest.raises(WorkError, match="ZeroDivisionError"):
        apart(partial(divmod, 1, 0))
    assert apart(os.getpid) == before


def test_a_process_that_died_is_replaced(apart: Apart) -> None:
    before = apart(os.getpid)
    with pytest.raises(ApartError):
        apart(partial(os._exit, 1))
    assert apart(os.getpid) != before


def test_the_flow_map_is_counted_and_drawn_there(
    sqlite_url: str, tmp_path: Path, now: datetime
) -> None:
    database = Database(sqlite_url)
    settings = Settings.model_validate({"paths": {"data_dir": tmp_path}})
    counted = Counted(patience_seconds=60.0, apart=Apart())
    count = counted.get_apart("map", partial(flow_map, database, settings, Stretch.DAY, now))
    assert count is not None
    assert "pre-delivery" in {line.flow_id for line in count.value.lines}
    work = partial(overview_of, database, settings, count.value.figures, "zh-CN")
    drawn = counted.get_apart("drawing", work, made_of=count.at)
    assert drawn is not None
    assert "<svg" in drawn.value.svg
    counted.close()
    database.close()


def test_closing_does_not_wait_for_a_count_that_takes_long() -> None:
    counted = Counted(patience_seconds=0.0, apart=Apart())
    assert counted.get_apart("key", partial(sleep, 3600)) is None
    counted.close()
