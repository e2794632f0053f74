"""Which trunk carries a call, and what the recipient sees."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from campaigns.trunks.caller_ids import CallerIdRule, caller_id_on, wanted_caller_ids
from campaigns.trunks.choice import (
    Barred,
    CampaignTrunks,
    Chosen,
    Hindrance,
    TrunkNow,
    TrunkTerms,
    choose,
)
from campaigns.trunks.sharing import share_of

PHONE = "+8613800138000"
MAIN = TrunkTerms("main", caller_id="4008")
SPARE = TrunkTerms("spare", priority=-1, caller_id="4009", caller_ids=("+861065432100",))


def names(*trunks: TrunkNow, calls: int, phone: str = PHONE) -> list[str]:
    """Return which trunk carries each of so many calls."""
    chosen = []
    for _ in range(calls):
        each = choose(trunks, phone)
        assert isinstance(each, Chosen)
        chosen.append(each.name)
        trunks = each.trunks
    return chosen


def test_the_highest_priority_carries_all_calls_while_it_can() -> None:
    assert names(TrunkNow(SPARE), TrunkNow(MAIN), calls=3) == ["main"] * 3
    down = TrunkNow(MAIN, Hindrance.DOWN)
    assert names(TrunkNow(SPARE), down, calls=3) == ["spare"] * 3


def test_equals_share_calls_by_weight_without_bursts() -> None:
    heavy, light = TrunkNow(TrunkTerms("a", weight=3)), TrunkNow(TrunkTerms("b", weight=1))
    assert names(heavy, light, calls=8) == ["a", "a", "b", "a"] * 2


def test_a_trunk_that_can_not_now_bars_for_now_and_one_that_may_not_for_good() -> None:
    assert choose([TrunkNow(MAIN, Hindrance.FULL)], PHONE) is Barred.FOR_NOW
    abroad = TrunkTerms("abroad", prefixes=("+1", "+44"))
    assert choose([TrunkNow(abroad)], PHONE) is Barred.FOR_GOOD
    assert names(TrunkNow(abroad), calls=1, phone="+12125550100") == ["abroad"]
    only = CampaignTrunks(names=("main",))
    assert choose([TrunkNow(MAIN, Hindrance.DOWN), TrunkNow(SPARE)], PHONE, only) is Barred.FOR_NOW


def test_a_number_is_shown_only_where_the_provider_allows_it() -> None:
    wanted = CampaignTrunks(caller_id=CallerIdRule(("+861065432100",)))
    chosen = choose([TrunkNow(MAIN), TrunkNow(SPARE)], PHONE, wanted)
    assert isinstance(chosen, Chosen)
    assert (chosen.name, chosen.caller_id) == ("spare", "+861065432100")
    assert choose([TrunkNow(MAIN)], PHONE, wanted) is Barred.FOR_GOOD
    assert caller_id_on((), "4008", ()) == "4008"


def test_each_recipient_always_sees_the_same_of_several_numbers() -> None:
    rule = CallerIdRule(("1001", "1002", "1003"))
    seen = {f"+86138{n:08}": wanted_caller_ids(rule, f"+86138{n:08}")[0] for n in range(300)}
    assert min(Counter(seen.values()).values()) > 60
    fewer = CallerIdRule(("1003", "1001"))
    kept = [phone for phone, number in seen.items() if number != "1002"]
    assert all(wanted_caller_ids(fewer, phone)[0] == seen[phone] for phone in kept)


def test_the_longest_prefix_says_what_is_shown() -> None:
    rule = CallerIdRule(("4000",), {"+86": "4001", "+8610": "01065432100"})
    assert wanted_caller_ids(rule, "+861065550000") == ("01065432100",)
    assert wanted_caller_ids(rule, PHONE) == ("4001",)
    assert wanted_caller_ids(rule, "+12125550100") == ("4000",)


@given(st.integers(0, 500), st.integers(1, 20))
def test_what_engines_may_hold_adds_up_to_what_the_trunk_allows(whole: int, engines: int) -> None:
    shares = [share_of(whole, engines, place) for place in range(engines)]
    assert sum(shares) == whole
    assert max(shares) - min(shares) <= 1


def test_people_of_a_region_see_its_number_and_a_prefix_goes_before_it() -> None:
    rule = CallerIdRule(("4001", "4002"), {"+8610": "01065432100"}, {"华东": "02165432100"})
    east = CampaignTrunks(caller_id=rule).in_region(" 华东 ").caller_id
    assert wanted_caller_ids(east, PHONE) == ("02165432100",)
    assert wanted_caller_ids(east, "+861065550000") == ("01065432100",)
    for elsewhere in ("华南", ""):
        there = CampaignTrunks(caller_id=rule).in_region(elsewhere).caller_id
        assert set(wanted_caller_ids(there, PHONE)) == {"4001", "4002"}
