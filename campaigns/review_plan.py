"""Reads which calls are listened to again and what they are judged by."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml
from pydantic import BaseModel, ConfigDict, Field

from campaigns.reviewing import Criterion, SampleRules, ScoringSheet


@dataclass(frozen=True, slots=True)
class ReviewPlan:
    """The rules of the list, and the sheet."""

    rules: SampleRules
    sheet: ScoringSheet


@cache
def shipped_review_plan() -> ReviewPlan:
    """Return the plan that ships with Menling."""
    return review_plan(resources.files("campaigns.data").joinpath("review.yaml").read_text("utf-8"))


def review_plan(text: str) -> ReviewPlan:
    """Return the plan that a YAML text states; raises pydantic's ValidationError (a ValueError)."""
    told = _Plan.model_validate(yaml.safe_load(text))
    sample = told.sample
    rules = SampleRules(
        flagged_at_most=sample.flagged.at_most,
        low_at_most=sample.low_score.at_most,
        low_satisfaction=sample.low_score.satisfaction,
        low_recommendation=sample.low_score.recommendation,
        long_at_most=sample.long.at_most,
        long_seconds=sample.long.talk_seconds,
        random_at_most=sample.random.at_most,
        random_share=sample.random.share,
    )
    criteria = tuple(
        Criterion(
            id=name,
            of=each.of,
            labels={"zh": each.zh, "en": each.en},
            asks={"zh": each.asks_zh, "en": each.asks_en},
        )
        for name, each in told.sheet.criteria.items()
    )
    return ReviewPlan(rules, ScoringSheet(told.sheet.version, criteria))


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _AtMost(_Part):
    at_most: int = Field(ge=0)


class _Low(_AtMost):
    satisfaction: int = Field(ge=0, le=5)
    recommendation: int = Field(ge=-1, le=10)


class _Long(_AtMost):
    talk_seconds: float = Field(gt=0)


class _Random(_AtMost):
    share: float = Field(ge=0, le=1)


class _Sample(_Part):
    flagged: _AtMost
    low_score: _Low
    long: _Long
    random: _Random


class _Criterion(_Part):
    of: int = Field(gt=0)
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    asks_zh: str = Field(min_length=1)
    asks_en: str = Field(min_length=1)


class _Sheet(_Part):
    version: str = Field(min_length=1, max_length=32)
    criteria: dict[str, _Criterion] = Field(min_length=1)


class _Plan(_Part):
    sample: _Sample
    sheet: _Sheet
