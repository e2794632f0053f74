"""Labels: the words an operator reads for the ids that the store keeps."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Literal

import yaml

from ivr.flow import flows, load_flow

LabelLanguage = Literal["zh", "en"]


class Shelf(StrEnum):
    """What a label names."""

    COLUMNS = "columns"
    DISPOSITION = "disposition"
    OUTCOME = "outcome"
    HAND_OVER = "hand_over"
    SLOT = "slot"
    """What a flow asks for."""
    CONTACT = "contact"
    ROW = "row"
    PHRASES = "phrases"
    TRANSCRIPT = "transcript"
    REVIEW_REASON = "review_reason"
    """Why a call is listened to again."""


def label(shelf: Shelf, word: str, language: LabelLanguage) -> str:
    """Return the label of an id; an id that has none stands for itself."""
    texts = _shelves()[shelf.value].get(word)
    return word if texts is None else texts[language]


def answer_label(slot: str, value: str, language: LabelLanguage) -> str:
    """Return what was chosen for a slot, as an operator reads it; scores and words as they are."""
    said = _said_in_chinese().get((slot, value))
    if said is None:
        return value
    return said if language == "zh" else value.replace("_", " ")


def labels(shelf: Shelf, language: LabelLanguage) -> Mapping[str, str]:
    """Return all labels of one kind, by id, in the order in which they are shown."""
    return MappingProxyType(
        {word: texts[language] for word, texts in _shelves()[shelf.value].items()}
    )


@cache
def _said_in_chinese() -> Mapping[tuple[str, str], str]:
    """Return how each choice is called in the Mandarin flows that ship; ids are English."""
    return {
        (slot.name, name): choice.said
        for flow, language in flows()
        if language == "zh-CN"
        for slot in load_flow(flow, language).script.slots.values()
        for name, choice in slot.choices.items()
    }


@cache
def _shelves() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    text = resources.files("campaigns").joinpath("labels.yaml").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, dict[str, str]]] = yaml.safe_load(text)
    return loaded
