"""What of a flow can be recorded, and that calls ask for those very recordings."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr.exchange import CallFacts
from ivr.flow import flows, load_flow
from ivr.flow_model import Flow
from ivr.recordable import coverage, recordable, wordings_by_file
from ivr.wording import all_prompts, speak, values_of
from tts.prompts import render, sentences, slots_of
from tts.recordings import NONE, Recording, Recordings

NOW = datetime(2026, 11, 21, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
FACTS = CallFacts(
    now=NOW,
    company="顺达快递",
    recipient="王小明",
    waybill="SF1234567890",
    window_start=NOW + timedelta(days=1, hours=4),
    window_end=NOW + timedelta(days=1, hours=6),
    address="幸福路18号3号楼2单元501",
)


@pytest.fixture(scope="module", params=["zh-CN", "en-US"])
def flow(request: pytest.FixtureRequest) -> Flow:
    return load_flow("pre-delivery", request.param)


def recorded_all(flow: Flow) -> Recordings:
    return Recordings(
        {
            (each.language, each.piece.clip): Recording(Path(each.file), each.piece.text, "1")
            for each in recordable(flow)
        }
    )


def test_a_call_asks_for_recordings_that_the_list_names(flow: Flow) -> None:
    listed = {each.piece.clip: each.piece.text for each in recordable(flow)}
    recordings = recorded_all(flow)
    asked = [piece for say in all_prompts(flow, FACTS) for piece in say.pieces if piece.clip]
    assert len(asked) > 30
    for piece in asked:
        assert piece.clip in listed
        assert recordings.find(flow.language, piece) is not None, piece


def test_every_sentence_without_a_stop_in_its_values_has_pieces(flow: Flow) -> None:
    says = all_prompts(flow, FACTS)
    assert [say.text for say in says if not say.pieces] == []


def test_sentences_are_those_that_the_wording_renders_to(flow: Flow) -> None:
    for prompt in flow.script.prompts.values():
        values = values_of(flow, FACTS, {})
        for variant, wording in prompt.wordings.items():
            if slots_of(wording) <= values.keys() and set(prompt.needs) <= values.keys():
                says = speak(flow, FACTS, {}, prompt.id, variant)
                rendered = render(wording, values, NOW, flow.language)
                assert tuple(say.text for say in says) == sentences(rendered)


def test_names_of_files_are_told_apart_and_by_fragment(flow: Flow) -> None:
    files = [each.file for each in recordable(flow)]
    assert len(files) == len(set(files))
    assert {Path(file).parts[1] for file in files} == {"pre-delivery", "shared"}


def test_a_flow_is_covered_by_what_was_recorded_of_it(flow: Flow) -> None:
    whole = coverage(flow, recorded_all(flow))
    assert (whole.missing, whole.outdated) == ((), ())
    nothing = coverage(flow, NONE)
    assert len(nothing.missing) == len(whole.recorded) == len(recordable(flow))


def test_other_words_than_those_of_now_are_outdated(flow: Flow) -> None:
    first = recordable(flow)[0]
    other = Recording(Path(first.file), "别的话", "1")
    for name in (first.piece.clip, first.shared):
        found = coverage(flow, Recordings({(flow.language, name): other}))
        assert found.outdated == ((first, other),)


def test_what_others_share_makes_no_words_of_a_flows_own_outdated() -> None:
    flow = load_flow("at-the-door", "zh-CN")
    own = next(each for each in recordable(flow) if each.piece.clip == "at-the-door/purpose.2")
    other = Recording(Path("purpose.2.wav"), "别的话", "1")
    for name in ("shared/purpose.2", "shared/courtesy/purpose.2"):
        found = coverage(flow, Recordings({("zh-CN", name): other}))
        assert found.outdated == ()
        assert own in found.missing


@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_every_file_has_one_wording_in_all_flows(language: str) -> None:
    words: dict[str, set[str]] = {}
    for name in sorted(name for name, spoken in flows() if spoken == language):
        listed = recordable(load_flow(name, language))
        assert len({each.file for each in listed}) == len(listed), name
        for each in listed:
            words.setdefault(each.file, set()).add(each.piece.text)
    assert {file: said for file, said in words.items() if len(said) > 1} == {}


def test_a_fragments_recordings_serve_every_flow_by_their_words() -> None:
    whole = [load_flow(name, "zh-CN") for name in ("pre-delivery", "survey", "dispatch-notice")]
    recordings = Recordings(
        {
            ("zh-CN", each.shared): Recording(Path(each.file), each.piece.text, "1")
            for flow in whole
            for each in recordable(flow)
            if each.fragment
        }
    )
    for flow in whole:
        found = coverage(flow, recordings)
        assert found.outdated == ()
        assert {each.fragment for each in found.missing} == {""}


def test_a_file_may_be_of_the_flow_or_shared(flow: Flow) -> None:
    wordings = wordings_by_file([flow])
    for each in recordable(flow):
        name = each.piece.clip.split("/")[1]
        assert each.piece.text in wordings[f"{flow.language}/pre-delivery/{name}.wav"]
        assert each.piece.text in wordings[f"{flow.language}/shared/{name}.wav"]
        assert each.piece.text in wordings[each.file]
