"""A model directory from a trained network: am/, conf/, graph/, NOTICE and MODEL_CARD.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from asr.training.card import Facts, card, credits_of, notice
from asr.training.evaluation import RATE as TELEPHONE_RATE
from asr.training.evaluation import Heard, evaluate
from asr.training.graph import write_graph
from asr.training.kaldi_model import MODEL_CONF, model_bytes
from asr.training.loading import load
from asr.training.net import folded
from asr.training.pipeline import Order, Trained
from asr.training.recordings import (
    Recording,
    held_out_files,
    read_index,
    speakers,
    split,
)
from asr.training.takes import Take
from asr.training.topology import Topology

_LEFT_OUT_TEXTS = 150
"""Recordings of a speaker who took no part that are enough to judge by."""


def write_network(order: Order, trained: Trained, model: Path) -> None:
    """Write am/ and conf/."""
    topology = Topology(order.language.phones)
    (model / "am").mkdir(parents=True, exist_ok=True)
    (model / "conf").mkdir(exist_ok=True)
    weights = folded(trained.network)
    content = model_bytes(topology, order.layout, weights, trained.priors)
    (model / "am" / "final.mdl").write_bytes(content)
    (model / "conf" / "mfcc.conf").write_text(order.config.text(), encoding="ascii")
    (model / "conf" / "model.conf").write_text(MODEL_CONF, encoding="ascii")


def measuring_takes(order: Order) -> dict[str, list[Take]]:
    """Return what to measure with: unseen texts of known speakers, and the speaker left out."""
    if order.speech is None:
        return {}
    training, measuring = split(read_index(order.speech), held_out_files(order.code))
    found: dict[str, list[Take]] = {}
    for speaker in speakers(measuring):
        if speaker != order.left_out:
            name = f"recorded {speaker}, known speaker, unseen texts"
            found[name] = _loaded(order, order.speech, measuring, speaker)
    if order.left_out:
        name = f"recorded {order.left_out}, left out of training"
        found[name] = _loaded(order, order.speech, training, order.left_out)[:_LEFT_OUT_TEXTS]
    return found


def _loaded(
    order: Order, folder: Path, recordings: Sequence[Recording], speaker: str
) -> list[Take]:
    own = tuple(recording for recording in recordings if recording.speaker == speaker)
    with order.reporter.step(f"recordings of {speaker} to measure with") as tell:
        return list(load(folder, own, order.language, TELEPHONE_RATE, tell))


def assemble(order: Order, trained: Trained, model: Path) -> tuple[Heard, ...]:
    """Write the whole directory, measure it, and return what it hears."""
    write_network(order, trained, model)
    write_graph(order.language, model / "graph", seed=order.seed, progress=order.reporter.say)
    order.reporter.say("measuring")
    rows, fooled = evaluate(order.language, model, measuring_takes(order))
    facts = Facts(
        code=order.code,
        rate=order.rate,
        seed=order.seed,
        steps=sum(stage.steps for stage in order.stages),
        parameters=sum(parameter.numel() for parameter in trained.network.parameters()),
        hours=trained.hours,
        left_out=order.left_out,
        credits=credits_of(order.language),
    )
    (model / "MODEL_CARD.md").write_text(card(facts, rows, fooled), encoding="utf-8")
    (model / "NOTICE").write_text(notice(facts, _licences(order)), encoding="utf-8")
    return rows


def _licences(order: Order) -> Mapping[str, str]:
    if order.speech is None:
        return {}
    return {row.speaker: row.licence for row in read_index(order.speech)}
