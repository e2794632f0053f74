"""What the forms of a campaign's rules have in common: choices, what was typed, what is wrong."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends
from starlette.requests import Request

from campaigns.pacing.deciding import Mode
from campaigns.retry_reader import names_in
from campaigns.when.jurisdictions import ProfileError, profiles_with, shipped_profiles
from console.web.policy_form import FIELDS, typed_in
from console.web.site import site_of
from console.web.templating import words_of
from console.web.words import Language, Words


async def _typed(request: Request) -> dict[str, str]:
    return typed_in(await request.form())


TypedRules = Annotated[dict[str, str], Depends(_typed)]
"""The fields of the rules as a form sent them."""


def choices_of(request: Request) -> dict[str, Any]:
    """Return what the form of the rules lets people choose from."""
    settings, words = site_of(request).settings, words_of(request)
    try:
        profiles = profiles_with(settings.calling.profiles_folder)
    except (ProfileError, OSError):
        profiles = shipped_profiles()
    chinese = words.language is Language.CHINESE
    laws = [
        (each.id, each.zh if chinese else each.en)
        for each in profiles.values()
        if not each.is_optional
    ]
    return {
        "modes": [(each.value, words(f"policy.mode.{each.value}")) for each in Mode],
        "laws": [("", words("policy.as_settings")), *laws],
        "tables": [
            ("", words("policy.retry_by_flow")),
            *((name, name) for name in names_in(settings.campaign.retry_tables)),
        ],
        "trunk_names": ", ".join(settings.all_trunks) or words("policy.none"),
    }


def wrong_rules(error: Exception, words: Words) -> str:
    """Return what is wrong with rules: a field that can't be read, or what the rules refuse."""
    fields = {each.name for each in FIELDS}
    if str(error) in fields:
        key = f"policy.{error}"
        name = words(key) if key in words else words(f"campaigns.{error}")
        return words("policy.unreadable", field=name)
    return words("policy.refused", why=error)
