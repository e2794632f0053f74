"""`menling flows map`: draws the map, and counts the calls that it is laid over with."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import typer

from campaigns.published_flows import PublishedFlows
from campaigns.settings import Settings
from console.flow_map_chart import chart_dot
from console.flow_map_figures import FlowFigures, figures_of, talked_of
from console.flow_map_files import (
    OVERVIEWS,
    PAGE,
    chart_name,
    drawings,
    figures_for,
    page,
    write_text,
)
from console.flow_map_overview import overview_dot
from console.flow_map_svg import svg_of
from console.known_flows import known_flows
from console.running import existing_campaign, open_store
from console.screen import say
from console.terminal import SettingsFile, plain_errors, settings_from
from ivr.flow import flows
from ivr.flow_model import Flow
from store.database import Database
from store.flow_figures import CallRange, counted_calls, turn_marks
from store.flow_publications import publications

DRAWING: Final = ".svg"
FOLDER: Final = Path("flow-map")
DAY: Final = ["%Y-%m-%d"]


def map_flows(
    flow: Annotated[
        list[str] | None,
        typer.Argument(help="Ids of conversations or flow files; none: the whole map."),
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="Only in this language, such as zh-CN.")
    ] = None,
    calls: Annotated[
        bool, typer.Option("--calls", help="Lay figures of the calls in the store over it.")
    ] = False,
    begins: Annotated[
        datetime | None,
        typer.Option("--from", formats=DAY, help="Count calls from this day on."),
    ] = None,
    ends: Annotated[
        datetime | None,
        typer.Option("--to", formats=DAY, help="Count calls up to this day."),
    ] = None,
    campaign: Annotated[str | None, typer.Option(help="Count calls of this campaign only.")] = None,
    output: Annotated[
        Path, typer.Option(help="Folder for the drawings, or FILE.svg for a single one.")
    ] = FOLDER,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the figures of the calls, and draw nothing.")
    ] = False,
    settings: SettingsFile = None,
) -> None:
    """Draw the map of the five stages and of each conversation, as it runs (SVG, by Graphviz)."""
    with plain_errors():
        figures = None
        if calls or as_json or begins or ends or campaign:
            said = settings_from(settings)
            chosen, figures = _with_calls(flow or (), language, said, (begins, ends), campaign)
        else:
            chosen = known_flows(flow or (), language)
        if as_json:
            typer.echo(json.dumps(_told(figures or ()), ensure_ascii=False, indent=2))
            return
        files = _drawn(chosen, figures, output, whole=not flow, language=language)
    say(f"Drew {len(files)} maps: {output}")


def _drawn(
    chosen: Sequence[Flow],
    figures: Sequence[FlowFigures] | None,
    output: Path,
    *,
    whole: bool,
    language: str | None,
) -> tuple[Path, ...]:
    """Write the drawings and return their files."""
    if output.suffix == DRAWING:
        dot = _only(chosen, figures, whole=whole, language=language)
        write_text(output, svg_of(dot))
        return (output,)
    texts = dict(drawings(chosen, figures))
    if not whole:
        texts = {chart_name(each): texts[chart_name(each)] for each in chosen}
    for name, dot in texts.items():
        write_text(output / name, svg_of(dot))
    if whole:
        write_text(output / PAGE, page(chosen))
    return tuple(output / name for name in texts)


def _only(
    chosen: Sequence[Flow],
    figures: Sequence[FlowFigures] | None,
    *,
    whole: bool,
    language: str | None,
) -> str:
    if whole:
        return overview_dot(chosen, figures, language or next(iter(OVERVIEWS)))
    if len(chosen) != 1:
        names = ", ".join(f"{each.id} {each.language}" for each in chosen)
        raise typer.BadParameter(
            f"one file can't hold {names}; name one with --language, or a folder with --output"
        )
    return chart_dot(chosen[0], figures_for(chosen[0], figures))


def _with_calls(
    names: Sequence[str],
    language: str | None,
    settings: Settings,
    days: tuple[datetime | None, datetime | None],
    campaign: str | None,
) -> tuple[tuple[Flow, ...], tuple[FlowFigures, ...]]:
    """Return these flows as they are said now, and their figures.

    First and last day are those of the settings' time zone.
    """
    zone = ZoneInfo(settings.campaign.time_zone)
    begins, ends = days
    database = open_store(settings)
    try:
        chosen = _said_now(database, settings, names, language)
        calls = CallRange(
            begins=None if begins is None else begins.replace(tzinfo=zone),
            ends=None if ends is None else (ends + timedelta(days=1)).replace(tzinfo=zone),
            campaign_id=None if campaign is None else existing_campaign(database, campaign).id,
        )
        with database.reading() as session:
            counted = counted_calls(session, calls)
            turns = dict(turn_marks(session, talked_of(counted)))
    finally:
        database.close()
    return chosen, tuple(figures_of(each, counted, turns) for each in chosen)


def _said_now(
    database: Database, settings: Settings, names: Sequence[str], language: str | None
) -> tuple[Flow, ...]:
    """Return these flows as published, else as they ship."""
    with database.reading() as session:
        published = {(each.flow, each.language) for each in publications(session) if each.version}
    return known_flows(
        names,
        language,
        there=sorted({*flows(), *published}),
        load=PublishedFlows(database, settings.flows_dir).load,
    )


def _told(figures: Iterable[FlowFigures]) -> list[dict[str, Any]]:
    return [
        asdict(each)
        | {
            "mean_talk_seconds": round(each.mean_talk_seconds, 3),
            "drop_off_share": each.drop_off_rate.share,
        }
        for each in figures
    ]
