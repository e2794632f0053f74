"""A watched folder: manifests that are put there are imported, and come to rest beside a report.

    FOLDER/              where others put files
    FOLDER/work/         taken; a file that lies here after a crash is imported again, which is safe
    FOLDER/done/         imported, each with NAME.report.csv
    FOLDER/failed/       could not be used, each with NAME.report.csv that says why

A file is taken by renaming it, so that of several hosts on one folder one has it.
"""

from __future__ import annotations

import csv
import io
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from campaigns.campaign_life import make
from campaigns.chores import Duty
from campaigns.importer import ImportReport, import_manifest
from campaigns.manifest import ManifestError
from campaigns.published_flows import PublishedFlows
from campaigns.settings import SettingsError
from campaigns.settings_incoming import FolderManifest
from ivr.flow_faults import FlowError
from ivr.flow_needs import needs_of
from store.errors import StoreError
from store.queries import campaign_named, set_campaign_status
from store.types import CampaignStatus
from store.values import CampaignFacts
from store.wake_ups import Topic, wake

log = logging.getLogger(__name__)

WORK: Final = "work"
DONE: Final = "done"
FAILED: Final = "failed"
REPORT: Final = ".report.csv"
_UNFINISHED: Final = (".part", ".tmp", ".filepart", ".crdownload")
"""Endings of what others still write."""
_STAMP: Final = "%Y%m%dT%H%M%S"

_Look = tuple[int, int]


class _EndingError(Exception):
    """The engine ends, or leads no more; the file lies in work and is gone on with."""


@dataclass(frozen=True, slots=True)
class _Taken:
    """A file that is ours."""

    path: Path
    name: str
    """As others called it."""
    rule: FolderManifest


class FolderWatch:
    """Looks into a folder again and again; what looks the same twice is no longer written."""

    def __init__(self) -> None:
        """Nothing was seen yet."""
        self._seen: dict[Path, _Look] = {}

    def look(self, duty: Duty) -> int:
        """Import what is there and at rest; return how many files came to rest beside a report.

        Raises StoreError; the file is gone on with at the next look.
        """
        incoming = duty.settings.incoming
        if incoming.folder is None or not incoming.manifests:
            return 0
        folder = incoming.folder.expanduser()
        try:
            for name in (WORK, DONE, FAILED):
                (folder / name).mkdir(parents=True, exist_ok=True)
            taken = [*_left_over(folder, incoming.manifests), *self._take(folder, duty)]
        except OSError as error:
            duty.tell(f"The watched folder {folder} can't be used: {error.strerror}")
            return 0
        settled = 0
        for file in taken:
            if not duty.go_on():
                break
            try:
                _bring(folder, file, duty)
            except _EndingError:
                break
            except OSError as error:
                duty.tell(f"{file.name} can't be read or moved: {error.strerror}")
                continue
            settled += 1
        return settled

    def _take(self, folder: Path, duty: Duty) -> Iterable[_Taken]:
        seen: dict[Path, _Look] = {}
        for path in sorted(folder.iterdir()):
            rule = _rule_of(path.name, duty.settings.incoming.manifests)
            if rule is None or not path.is_file():
                continue
            try:
                found = path.stat()
            except FileNotFoundError:
                continue  # Another host took it.
            look = (found.st_size, found.st_mtime_ns)
            if self._seen.get(path) != look:
                seen[path] = look
                continue
            there = folder / WORK / f"{duty.now.astimezone(UTC):{_STAMP}}-{path.name}"
            try:
                path.rename(there)
            except FileNotFoundError:
                continue
            yield _Taken(there, path.name, rule)
        self._seen = seen


def _left_over(folder: Path, rules: Iterable[FolderManifest]) -> Iterable[_Taken]:
    """Return what was taken and never came to rest."""
    for path in sorted((folder / WORK).iterdir()):
        _, _, name = path.name.partition("-")
        rule = _rule_of(name, rules)
        if rule is not None and path.is_file():
            yield _Taken(path, name, rule)


def _rule_of(name: str, rules: Iterable[FolderManifest]) -> FolderManifest | None:
    if name.startswith((".", "~")) or name.lower().endswith((*_UNFINISHED, REPORT)):
        return None
    return next((each for each in rules if fnmatchcase(name.lower(), each.pattern.lower())), None)


def _bring(folder: Path, taken: _Taken, duty: Duty) -> None:
    try:
        content = taken.path.read_bytes()
    except FileNotFoundError:
        return  # Another host took it up.
    try:
        report = _import(taken, content, duty)
    except (ManifestError, FlowError, SettingsError, _UnusableError) as error:
        _rest(folder / FAILED, taken.path, _failed(str(error)))
        duty.tell(f"{taken.name} can't be imported; {FAILED}/{taken.path.name}{REPORT} says why")
        return
    _rest(folder / DONE, taken.path, _done(report), keep=report.imported_before_at is not None)
    problems = len({each.row for each in report.problems})
    duty.tell(
        f"{taken.name} is in {taken.rule.campaign}: {report.new} new, {report.updated} updated, "
        f"{problems} rows with problems"
    )


class _UnusableError(Exception):
    """The campaign of a rule can't take the file; the message says what to do."""


def _import(taken: _Taken, content: bytes, duty: Duty) -> ImportReport:
    campaign = _campaign(taken.rule, duty)
    said = PublishedFlows(duty.database, duty.settings.flows_dir).in_every_language(campaign.flow)

    def progress(_done: int, _count: int) -> None:
        if not duty.go_on():
            raise _EndingError

    report = import_manifest(
        duty.database, campaign.id, taken.name, content, duty.now, needs_of(*said),
        progress=progress,
    )  # fmt: skip
    if taken.rule.start and campaign.status in (CampaignStatus.DRAFT, CampaignStatus.FINISHED):
        with duty.transaction() as session:
            set_campaign_status(session, campaign.id, CampaignStatus.RUNNING, duty.now)
            wake(session, Topic.CAMPAIGNS)
    return report


def _campaign(rule: FolderManifest, duty: Duty) -> CampaignFacts:
    settings = duty.settings
    with duty.transaction() as session:
        found = campaign_named(session, rule.campaign)
        if found is None:
            try:
                return make(
                    session,
                    settings,
                    rule.campaign,
                    duty.now,
                    flow=rule.flow,
                    company=settings.campaign.company,
                    time_zone=settings.campaign.time_zone,
                    callback_number=settings.campaign.callback_number,
                )
            except StoreError as error:
                raise _UnusableError(str(error)) from error
    if found.flow != rule.flow:
        raise _UnusableError(
            f"Campaign {rule.campaign} talks about {found.flow}, not {rule.flow}; "
            "mend incoming.manifests"
        )
    return found


def _rest(folder: Path, path: Path, report: str, *, keep: bool = False) -> None:
    """Put a file to rest beside its report; `keep`: one that is there already says more."""
    beside = folder / f"{path.name}{REPORT}"
    if not (keep and beside.exists()):
        beside.write_text(report, encoding="utf-8-sig")
    try:
        path.rename(folder / path.name)
    except FileNotFoundError:
        log.info("%s was put to rest by another host", path.name)


def _done(report: ImportReport) -> str:
    rows = [
        ("", "", f"{report.rows} rows: {report.new} new, {report.updated} updated, "
         f"{report.unchanged} unchanged, {report.suppressed} suppressed", ""),
        *((str(each.row), each.column, each.what, each.what_to_do) for each in report.problems),
        *((str(each.row), "", each.waybill, each.why) for each in report.left_alone),
    ]  # fmt: skip
    return _csv(rows)


def _failed(why: str) -> str:
    return _csv([("", "", why, "")])


def _csv(rows: Iterable[tuple[str, ...]]) -> str:
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(("row", "column", "what", "what to do"))
    writer.writerows(rows)
    return written.getvalue()
