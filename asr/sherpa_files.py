"""What lies in a folder with a streaming sherpa-onnx model, read without the engine.

The kinds are told apart by the files there are and, for a model in one file, by the names of the
metadata in it (the metadata_props of onnx.proto). The engine ends the process on most mistakes, so
they are looked for here.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

TOKENS = "tokens.txt"
WIDE_RATE = 16000
_GRAPH_PROPERTIES = 14


class SherpaKind(StrEnum):
    """The streaming models sherpa-onnx knows."""

    TRANSDUCER = "transducer"
    PARAFORMER = "paraformer"
    T_ONE = "t-one"
    NEMO = "nemo"
    WENET = "wenet"
    ZIPFORMER = "zipformer2-ctc"


_SIGNS: tuple[tuple[SherpaKind, frozenset[str]], ...] = (
    (SherpaKind.T_ONE, frozenset({"frame_length_ms", "state_dim", "sample_rate"})),
    (SherpaKind.NEMO, frozenset({"cache_last_channel_dim1", "window_size"})),
    (SherpaKind.WENET, frozenset({"cnn_module_kernel", "right_context", "num_blocks"})),
    (SherpaKind.ZIPFORMER, frozenset({"decode_chunk_len", "num_encoder_layers"})),
)
"""Metadata that only this kind of model has all of."""


class SherpaFilesError(ValueError):
    """The folder holds no complete streaming model; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class SherpaFiles:
    """A complete model."""

    kind: SherpaKind
    sample_rate: int
    parts: Mapping[str, Path]
    """The networks by role: encoder, decoder, joiner, or model when there is one only."""
    tokens: Path


def looks_like_sherpa(folder: Path) -> bool:
    """Answer whether the folder holds ONNX networks."""
    return next(folder.glob("*.onnx"), None) is not None


def read_sherpa_files(folder: Path) -> SherpaFiles:
    """Return the model in the folder; raises SherpaFilesError when it is not complete."""
    tokens = folder / TOKENS
    if not tokens.is_file() or not tokens.stat().st_size:
        raise SherpaFilesError(f"{TOKENS} is missing or empty")
    parts = {role: _part(folder, role) for role in ("encoder", "decoder", "joiner")}
    found = {role: path for role, path in parts.items() if path}
    match frozenset(found):
        case roles if roles == {"encoder", "decoder", "joiner"}:
            return SherpaFiles(SherpaKind.TRANSDUCER, WIDE_RATE, found, tokens)
        case roles if roles == {"encoder", "decoder"}:
            return SherpaFiles(SherpaKind.PARAFORMER, WIDE_RATE, found, tokens)
        case roles if roles:
            raise SherpaFilesError(
                f"there is a network for {', '.join(sorted(roles))} only; a transducer has "
                "encoder, decoder and joiner, a paraformer encoder and decoder"
            )
    return _single(folder, tokens)


def _part(folder: Path, role: str) -> Path | None:
    """Return the network of a role; the 8-bit one where there are several."""
    found = sorted(folder.glob(f"*{role}*.onnx"), key=lambda path: ("int8" not in path.name, path))
    return found[0] if found else None


def _single(folder: Path, tokens: Path) -> SherpaFiles:
    model = min(folder.glob("*.onnx"), key=lambda path: ("int8" not in path.name, path))
    properties = onnx_properties(model)
    for kind, signs in _SIGNS:
        if signs <= properties.keys():
            rate = properties.get("sample_rate", "") if kind is SherpaKind.T_ONE else ""
            return SherpaFiles(
                kind, int(rate) if rate.isdigit() else WIDE_RATE, {"model": model}, tokens
            )
    raise SherpaFilesError(
        f"{model.name} is none of the streaming CTC models known here (T-one, NeMo, WeNet, "
        "zipformer2); models for whole files can't listen to a call"
    )


def onnx_properties(model: Path) -> dict[str, str]:
    """Return the metadata of an ONNX file; raises SherpaFilesError when it is none."""
    if not model.stat().st_size:
        raise SherpaFilesError(f"{model.name} is empty")
    with model.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
        try:
            entries = [
                dict(_fields(whole, begin, end))
                for field, (begin, end) in _fields(whole, 0, len(whole))
                if field == _GRAPH_PROPERTIES
            ]
            return {
                whole[slice(*entry[1])].decode(): whole[slice(*entry[2])].decode()
                for entry in entries
                if 1 in entry and 2 in entry
            }
        except (IndexError, UnicodeDecodeError) as error:
            raise SherpaFilesError(f"{model.name} is damaged: it is no ONNX file") from error


def _fields(whole: mmap.mmap, at: int, end: int) -> Iterator[tuple[int, tuple[int, int]]]:
    """Yield the length-delimited fields of a protobuf message: number, and where its bytes are."""
    while at < end:
        key, at = _varint(whole, at)
        match key & 7:
            case 0:
                _, at = _varint(whole, at)
            case 1:
                at += 8
            case 5:
                at += 4
            case 2:
                length, at = _varint(whole, at)
                if at + length > end:
                    raise IndexError("a field ends behind its message")
                yield key >> 3, (at, at + length)
                at += length
            case _:
                raise IndexError("no field of protobuf is of this type")


def _varint(whole: mmap.mmap, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = whole[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise IndexError("a number of protobuf has ten bytes at most")
