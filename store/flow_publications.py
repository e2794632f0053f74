"""Publishing flows: which version is said now, which ones were, and going back to one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.errors import StoreError
from store.flow_models import FlowPublication, FlowVersion
from store.types import PublicationStep


class PublicationError(StoreError):
    """A publication that can't be; the message says what to do."""


@dataclass(frozen=True, slots=True)
class FlowFiles:
    """A flow as it is published: its identity and every file it consists of."""

    flow: str
    language: str
    version: str
    digest: str
    main: str
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Publication:
    """One change of what a flow says, for people who read the history."""

    flow: str
    language: str
    version: str
    """Empty: what ships with Menling."""
    digest: str
    step: PublicationStep
    at: datetime
    who: str
    note: str
    is_current: bool


def publish(session: Session, flow: FlowFiles, at: datetime, who: str, note: str) -> None:
    """Let calls that begin from now on say this version.

    Raises PublicationError when the version's name was used for other words before, or when it is
    said already.
    """
    known = session.scalar(
        _versions(flow.flow, flow.language).where(FlowVersion.version == flow.version)
    )
    if known is not None and known.digest != flow.digest:
        raise PublicationError(
            f"Version {flow.version} of {flow.flow} {flow.language} was published with other words;"
            " raise `version` in the file, so that every call tells which words it heard."
        )
    if known is None:
        twin = session.scalar(
            _versions(flow.flow, flow.language).where(FlowVersion.digest == flow.digest)
        )
        known = twin or FlowVersion(
            flow=flow.flow,
            language=flow.language,
            version=flow.version,
            digest=flow.digest,
            main=flow.main,
            files=dict(flow.files),
        )
        session.add(known)
        session.flush()
    _step(session, (flow.flow, flow.language), known, PublicationStep.PUBLISH, at, who, note)


def roll_back(
    session: Session,
    flow: str,
    language: str,
    version: str,
    at: datetime,
    who: str,
    note: str = "",
) -> Publication:
    """Go back to an earlier version; an empty one is what was said before the last publication.

    Raises PublicationError when there is no such version.
    """
    target = _said_before(session, flow, language)
    if version:
        target = _named(session, flow, language, version)
    _step(session, (flow, language), target, PublicationStep.ROLL_BACK, at, who, note)
    return publications(session, flow, language)[0]


def files_of(session: Session, flow: str, language: str, version: str) -> FlowFiles:
    """Return the files of a version; raises PublicationError when it was never published."""
    return _files(_named(session, flow, language, version))


def publications(session: Session, flow: str = "", language: str = "") -> tuple[Publication, ...]:
    """Return every change of what is said, the newest first."""
    query = (
        sa.select(FlowPublication, FlowVersion)
        .outerjoin(FlowVersion, FlowVersion.id == FlowPublication.flow_version_id)
        .order_by(FlowPublication.id.desc())
    )
    if flow:
        query = query.where(FlowPublication.flow == flow)
    if language:
        query = query.where(FlowPublication.language == language)
    seen: set[tuple[str, str]] = set()
    found = []
    for row, version in session.execute(query):
        key = (row.flow, row.language)
        found.append(
            Publication(
                flow=row.flow,
                language=row.language,
                version=version.version if version else "",
                digest=version.digest if version else "",
                step=row.step,
                at=row.at,
                who=row.who,
                note=row.note,
                is_current=key not in seen,
            )
        )
        seen.add(key)
    return tuple(found)


def _versions(flow: str, language: str) -> sa.Select[FlowVersion]:
    return sa.select(FlowVersion).where(FlowVersion.flow == flow, FlowVersion.language == language)


def _named(session: Session, flow: str, language: str, version: str) -> FlowVersion:
    found = session.scalar(_versions(flow, language).where(FlowVersion.version == version))
    if found is None:
        known = session.scalars(_versions(flow, language).order_by(FlowVersion.id)).all()
        names = ", ".join(each.version for each in known) or "none"
        raise PublicationError(
            f"There is no version {version} of {flow} {language}; published were: {names}."
        )
    return found


def _newest(session: Session, flow: str, language: str) -> FlowPublication | None:
    return session.scalar(
        sa.select(FlowPublication)
        .where(FlowPublication.flow == flow, FlowPublication.language == language)
        .order_by(FlowPublication.id.desc())
        .limit(1)
    )


def _said_before(session: Session, flow: str, language: str) -> FlowVersion | None:
    """Return the version before the current one; None: what ships with Menling."""
    newest = _newest(session, flow, language)
    if newest is None:
        raise PublicationError(
            f"Nothing was ever published of {flow} {language}; what ships with Menling is said."
        )
    earlier = session.scalar(
        sa.select(FlowPublication)
        .where(
            FlowPublication.flow == flow,
            FlowPublication.language == language,
            FlowPublication.id < newest.id,
            FlowPublication.flow_version_id.is_distinct_from(newest.flow_version_id),
        )
        .order_by(FlowPublication.id.desc())
        .limit(1)
    )
    if earlier is None or earlier.flow_version_id is None:
        return None
    return session.get_one(FlowVersion, earlier.flow_version_id)


def _step(
    session: Session,
    of: tuple[str, str],
    version: FlowVersion | None,
    step: PublicationStep,
    at: datetime,
    who: str,
    note: str,
) -> None:
    flow, language = of
    newest = _newest(session, flow, language)
    held = newest.flow_version_id if newest else None
    wanted = version.id if version else None
    if held == wanted:
        said = f"version {version.version}" if version else "what ships with Menling"
        raise PublicationError(f"{flow} {language} says {said} already; nothing changes.")
    session.add(
        FlowPublication(
            flow=flow,
            language=language,
            flow_version_id=wanted,
            step=step,
            at=at,
            who=who,
            note=note,
        )
    )
    session.flush()


def _files(version: FlowVersion) -> FlowFiles:
    return FlowFiles(
        flow=version.flow,
        language=version.language,
        version=version.version,
        digest=version.digest,
        main=version.main,
        files=dict(version.files),
    )
