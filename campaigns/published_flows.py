"""Published flows on their way to the calls: the store's words become files that workers load."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from uuid import uuid4

from sqlalchemy.orm import Session

from campaigns.script_versions import ScriptVersion
from ivr.flow import flows, load_flow, load_flow_file
from ivr.flow_model import Flow
from store.database import Database
from store.errors import StoreError
from store.flow_publications import FlowFiles, Publication, files_of, publications


def spoken_by(script: str, language: str) -> str:
    """Return the name under which `PublishedFlows.files` has what a script says in a language."""
    return f"{language} {script}"


class PublishedFlows:
    """What is said now in each flow and language, as files in a folder of their own."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder
        self._written_before: dict[str, tuple[Path, ...]] = {}
        """Every file of a version by its digest, its own one first."""

    def files(self, flow: str, scripts: Iterable[ScriptVersion] = ()) -> Mapping[str, Path]:
        """Return the file that is said now in each language; none: what ships with Menling.

        A script of a comparison has one of its own, under `spoken_by`, in each language in which
        its version was published. Raises StoreError when the store is out of reach or a file can't
        be written.
        """
        said: dict[str, Path] = {}
        with self._database.reading() as session:
            for each in publications(session, flow):
                if not each.version:
                    continue
                if each.is_current:
                    said[each.language] = self._file(session, each)
                for script in scripts:
                    if script.version == each.version:
                        said[spoken_by(script.name, each.language)] = self._file(session, each)
        return said

    def load(self, flow: str, language: str) -> Flow:
        """Return the flow that is said now; raises FlowError when it is unknown or faulty."""
        file = self.files(flow).get(language)
        return load_flow(flow, language) if file is None else load_flow_file(file)

    def in_every_language(self, flow: str) -> tuple[Flow, ...]:
        """Return a flow as it is said now, once in each language it has.

        Raises FlowError when there is none, StoreError as `files` does.
        """
        said = self.files(flow)
        shipped = {language for name, language in flows() if name == flow}
        languages = sorted({*said, *shipped}) or ["zh-CN"]
        return tuple(
            load_flow_file(said[each]) if each in said else load_flow(flow, each)
            for each in languages
        )

    def load_version(self, flow: str, language: str, version: str) -> Flow:
        """Return a version that was published once; raises PublicationError, FlowError."""
        with self._database.reading() as session:
            return load_flow_file(self._written(files_of(session, flow, language, version)))

    def _file(self, session: Session, said: Publication) -> Path:
        before = self._written_before.get(said.digest, ())
        if before and all(file.is_file() for file in before):
            return before[0]  # asked for at every beat: the texts stay in the store
        return self._written(files_of(session, said.flow, said.language, said.version))

    def _written(self, files: FlowFiles) -> Path:
        place = self._folder / files.digest[:16]
        missing = [name for name in files.files if not (place / name).is_file()]
        if missing:
            try:
                if place.exists():
                    _restore(files, place, missing)
                else:
                    _write(files, place)
            except OSError as error:
                raise StoreError(
                    f"The flows can't be written to {self._folder}: {error}"
                ) from error
        main = place / files.main
        self._written_before[files.digest] = (main, *(place / name for name in files.files))
        return main


def _write(flow: FlowFiles, place: Path) -> None:
    """Write every file, all or nothing, so that a reader never finds half a flow."""
    draft = place.with_name(f"{place.name}.{uuid4().hex}")
    for name, text in flow.files.items():
        file = draft / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    try:
        draft.rename(place)
    except OSError:
        shutil.rmtree(draft)
        if not place.exists():
            raise


def _restore(flow: FlowFiles, place: Path, names: Iterable[str]) -> None:
    """Write again what somebody tidied away, each file all or nothing."""
    for name in names:
        file = place / name
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f"{file.name}.{uuid4().hex}")
        draft.write_text(flow.files[name], encoding="utf-8")
        draft.replace(file)
