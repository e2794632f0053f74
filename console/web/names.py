"""Names of outcomes, states and slots, as those read them who look at a page."""

from __future__ import annotations

from functools import partial
from typing import Any

from starlette.requests import Request

from campaigns.labels import LabelLanguage, Shelf, label
from console.web.templating import words_of
from console.web.words import Language, Words


def label_language(request: Request) -> LabelLanguage:
    """Return the language of labels for whoever asks."""
    return "en" if words_of(request).language is Language.ENGLISH else "zh"


def names_for(request: Request) -> dict[str, Any]:
    """Return what templates name things by: `render(request, …, **names_for(request))`."""
    language = label_language(request)
    return {
        "state_name": partial(_state, words_of(request)),
        "outcome_name": partial(_label, Shelf.OUTCOME, language),
        "reason_name": partial(_label, Shelf.REVIEW_REASON, language),
        "slot_name": partial(_slot, language),
    }


def _label(shelf: Shelf, language: LabelLanguage, word: str) -> str:
    return label(shelf, word, language)


def _slot(language: LabelLanguage, slot: str) -> str:
    return label(Shelf.SLOT, slot.removeprefix("heard_"), language)


def _state(words: Words, state: str) -> str:
    """Return what a call is at; a state of a flow of one's own is told by its id."""
    key = f"state.{state}"
    return words(key) if key in words else state
