from __future__ import annotations

import shutil
import struct
from pathlib import Path

import numpy as np
import pytest

from asr.model_files import bundled_model
from asr.recognizer import SpeechModel
from asr.training.features import TELEPHONE
from asr.training.kaldi_model import MODEL_CONF, Affine, Weights, compress, expand, model_bytes
from asr.training.language import PhoneSet
from asr.training.layout import Layout
from asr.training.mandarin_sounds import PHONES
from asr.training.topology import Topology

SMALL = Layout(inputs=20, outputs=len(PHONES.pdfs), hidden=16, bottleneck=8)


def weights_of(layout: Layout, favourite: int) -> Weights:
    """Random weights whose outputs prefer one whatever they hear."""
    dice = np.random.default_rng(1)

    def affine(outputs: int, inputs: int) -> Affine:
        return Affine(dice.normal(0, 0.01, (outputs, inputs)), np.zeros(outputs))

    layers = {"l1.affine": affine(layout.hidden, 5 * layout.inputs)}
    for number in range(2, 2 + len(layout.offsets)):
        layers[f"l{number}.linear"] = affine(layout.bottleneck, 3 * layout.hidden)
        layers[f"l{number}.affine"] = affine(layout.hidden, layout.bottleneck)
    last = affine(layout.outputs, layout.hidden)
    last.bias[favourite] = 8.0
    return {**layers, "output.affine": last}


def test_a_compressed_matrix_loses_less_than_a_hundredth_of_its_span() -> None:
    matrix = np.random.default_rng(2).normal(0, 1, (128, 60))
    again = expand(compress(matrix))
    assert again.shape == matrix.shape
    spans = matrix.max(0) - matrix.min(0)
    assert (np.abs(again - matrix) / spans).max() < 0.01


def test_a_compressed_matrix_takes_a_byte_for_each_number() -> None:
    assert len(compress(np.zeros((100, 50)) + np.arange(50))) == 3 + 16 + 8 * 50 + 100 * 50


@pytest.mark.parametrize("constant", [0.0, 1.0, -3.5])
def test_a_column_of_equal_numbers_comes_back(constant: float) -> None:
    matrix = np.full((8, 3), constant)
    matrix[:, 0] = np.linspace(-1, 1, 8)
    assert expand(compress(matrix)) == pytest.approx(matrix, abs=0.02)


def test_the_file_begins_as_kaldi_writes_binary_and_names_every_part() -> None:
    topology = Topology(PhoneSet({"SIL": 1, "b": 1, "a": 2}))
    layout = Layout(inputs=20, outputs=4, hidden=16, bottleneck=8)
    data = model_bytes(topology, layout, weights_of(layout, 0), [0.25] * 4)
    assert data.startswith(b"\0B<TransitionModel> <Topology> ")
    after = data.split(b"<Triples> ")[1]
    assert after[:5] == b"\x04" + struct.pack("<i", len(topology.triples))
    assert data.index(b"<LeftContext>") > data.index(b"</Nnet3>")
    for name in ("l1.affine", "l9.sum", "output.log-softmax"):
        assert f"<ComponentName> {name} ".encode() in data
    assert data.endswith(np.full(4, 0.25, "<f4").tobytes())


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """The bundled graph with a small network that says `a`, or nothing but silence."""
    shutil.copytree(bundled_model() / "graph", tmp_path / "graph")
    for name in ("am", "conf"):
        (tmp_path / name).mkdir()
    (tmp_path / "conf" / "mfcc.conf").write_text(TELEPHONE.text())
    (tmp_path / "conf" / "model.conf").write_text(MODEL_CONF)
    return tmp_path


def heard(model: Path, favourite: int) -> str:
    weights = weights_of(SMALL, favourite)
    priors = np.full(SMALL.outputs, 1 / SMALL.outputs)
    content = model_bytes(Topology(PHONES), SMALL, weights, priors)
    (model / "am" / "final.mdl").write_bytes(content)
    recognizer = SpeechModel(model).recognizer()
    recognizer.begin()
    recognizer.accept(np.random.default_rng(1).integers(-500, 500, 16000, "<i2").tobytes())
    return recognizer.finish().text


@pytest.mark.vosk
def test_vosk_reads_the_network_and_hears_what_its_outputs_say(model: Path) -> None:
    assert heard(model, PHONES.pdfs["SIL", 0]) == ""
    assert set(heard(model, PHONES.pdfs["a", 0])) & set("啊阿呵")
