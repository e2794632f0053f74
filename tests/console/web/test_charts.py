"""Charts show what is counted, to those who see them and to those who have them read out."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from markupsafe import Markup

from console.web.charts import Bar, Part, bars, parts, sparkline


def drawn(chart: Markup) -> ElementTree.Element:
    return ElementTree.fromstring(chart)


def numbers(chart: Markup, attribute: str) -> list[float]:
    return [float(each) for each in re.findall(rf'<rect[^>]* {attribute}="([\d.]+)"', chart)]


def test_the_highest_bar_fills_the_chart_and_the_others_are_on_its_scale() -> None:
    chart = bars("calls", [Bar("9", "9: 4", (("good", 4),)), Bar("10", "10: 2", (("good", 2),))])
    first, second = numbers(chart, "height")
    assert first == 2 * second


def test_layers_of_a_bar_stand_on_each_other() -> None:
    chart = bars("calls", [Bar("9", "9", (("good", 3), ("faint", 1)))])
    (low, high), (below, above) = numbers(chart, "y"), numbers(chart, "height")
    assert (high + above, below) == (low, 3 * above)


def test_a_chart_of_nothing_is_drawn_without_bars() -> None:
    assert drawn(bars("calls", [])).get("aria-label") == "calls"
    assert numbers(bars("calls", [Bar("9", "9", (("good", 0),))]), "height") == [0.0]
    assert drawn(sparkline("calls", [])).tag == "svg"


def test_a_line_in_miniature_goes_from_the_oldest_value_to_the_newest() -> None:
    line = drawn(sparkline("calls", [0, 5, 10]))[0]
    assert line.get("points") == "0.0,23.0 50.0,12.0 100.0,1.0"


def test_parts_of_a_whole_are_as_wide_as_their_counts_and_empty_ones_are_left_out() -> None:
    chart = parts("outcomes", [Part("a", 3, "good"), Part("b", 0, "bad"), Part("c", 1, "faint")])
    assert numbers(chart, "width") == [1000.0, 750.0, 250.0]
    assert drawn(chart).get("aria-label") == "outcomes: a 3, c 1"


def test_what_stands_in_a_chart_is_text_and_never_markup() -> None:
    nasty = '<script>alert(1)</script>"'
    for chart in (
        bars(nasty, [Bar(nasty, nasty, (("good", 1),))]),
        parts(nasty, [Part(nasty, 1, "good")]),
        sparkline(nasty, [1]),
    ):
        assert "<script" not in chart
        assert nasty in (drawn(chart).get("aria-label") or "")
