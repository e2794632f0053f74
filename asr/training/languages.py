"""The languages of the tool by their codes."""

from __future__ import annotations

from importlib import import_module

from asr.training.language import Language

_LANGUAGES = {
    "zh-CN": ("asr.training.mandarin", "Mandarin"),
    "en-US": ("asr.training.english", "English"),
}
"""Code -> module and class; a module is imported only when its language is asked for."""


def language_of(code: str) -> Language:
    """Return the language; raises ValueError for one that the tool doesn't speak."""
    if code not in _LANGUAGES:
        raise ValueError(f"no language {code!r}; there are {', '.join(_LANGUAGES)}")
    module, name = _LANGUAGES[code]
    language: Language = getattr(import_module(module), name)()
    return language
