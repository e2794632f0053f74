"""What an operator may write, and what he is told when it is wrong."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from datetime import time, timedelta
from pathlib import Path

import pytest

from asr.detectors import DetectorKind
from asr.model_files import bundled_model
from campaigns.hearing import model_of
from campaigns.host import detector_of
from campaigns.retry_table import Pace
from campaigns.rules import rules_of
from campaigns.settings import SettingsError, keys, load_settings
from campaigns.settings_sections import CampaignSettings
from store.types import Disposition, Outcome

EXAMPLE = Path(__file__).parents[2] / "examples" / "menling.toml"

Written = Callable[[str], Path]


@pytest.fixture(autouse=True)
def _no_settings_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("MENLING_"):
            monkeypatch.delenv(name)


@pytest.fixture
def written(tmp_path: Path) -> Written:
    def write(text: str) -> Path:
        path = tmp_path / "menling.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_without_a_file_everything_has_a_default() -> None:
    settings = load_settings()
    assert settings.store_url == f"sqlite:///{settings.data_dir / 'menling.db'}"
    assert settings.lines == 8
    assert settings.ring_timeout == timedelta(seconds=30)
    assert settings.campaign.window.opens == time(9)


def test_the_example_names_every_key_and_holds_the_defaults() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    named = {line.lstrip("# ").split(" = ")[0] for line in text.splitlines() if " = " in line}
    named |= set(re.findall(r"^[# ]*\[+(\w+)", text, re.MULTILINE))
    assert [key for key in keys() if key.split(".")[-1] not in named] == []
    example, defaults = load_settings(EXAMPLE), load_settings()
    assert example.model_dump(exclude={"paths"}) == defaults.model_dump(exclude={"paths"})
    assert example.data_dir == defaults.data_dir


def test_the_file_is_named_by_the_environment(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MENLING_SETTINGS", str(written("[trunk]\nhost = 'sip.example.org'")))
    assert load_settings().trunk.host == "sip.example.org"


def test_the_environment_wins_over_the_file(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MENLING_TRUNK__PORT", "5080")
    settings = load_settings(written("[trunk]\nhost = 'sip.example.org'\nport = 5070"))
    assert (settings.trunk.host, settings.trunk.port) == ("sip.example.org", 5080)


def test_paths_are_relative_to_the_file(written: Written) -> None:
    path = written("[paths]\ndata_dir = 'data'\n[recognition]\nmandarin_model = 'models/cn'")
    settings = load_settings(path)
    assert settings.data_dir == path.parent / "data"
    assert settings.recognition.mandarin_model == path.parent / "models" / "cn"
    assert settings.recordings_dir == path.parent / "data" / "recordings"


def test_each_language_has_a_model_of_its_own(written: Written) -> None:
    path = written("[recognition]\nmandarin_model = 'cn'\nenglish_model = 'en'")
    settings = load_settings(path)
    assert model_of(settings, "zh-CN") == path.parent / "cn"
    assert model_of(settings, "en-US") == path.parent / "en"
    with pytest.raises(SettingsError, match="Nobody here hears fr-FR"):
        model_of(settings, "fr-FR")


@pytest.mark.parametrize(
    "text",
    [
        "[recognition]\nmodel = 'models/cn'",
        "[recognition]\nmodel = 'models/cn'\nmandarin_model = 'models/cn'",
    ],
)
def test_the_earlier_name_of_the_mandarin_model_still_works(written: Written, text: str) -> None:
    path = written(text)
    settings = load_settings(path)
    assert model_of(settings, "zh-CN") == path.parent / "models" / "cn"
    assert model_of(settings, "en-US") == bundled_model("en-US")


def test_the_environment_may_use_the_earlier_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MENLING_RECOGNITION__MODEL", "/models/cn")
    assert load_settings().recognition.mandarin_model == Path("/models/cn")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[recognition]\nmodel = 'a'\nmandarin_model = 'b'",
            "model is the earlier name of mandarin_model, and the two differ; take model out",
        ),
        ("[trunk]\nhots = 'x'", "trunk.hots: there is no such key; did you mean trunk.host?"),
        ("[trnk]\nhost = 'x'", "trnk: there is no such key; did you mean trunk?"),
        (
            "[campaign.retry_after_minutes]\nbussy = 3",
            "did you mean campaign.retry_after_minutes.busy?",
        ),
        ("[zebra]\nx = 1", "zebra: there is no such key; take it out"),
        ("[trunk]\nport = 'many'", "trunk.port: Input should be a valid integer"),
        ("[trunk]\ntransport = 'smoke'", "trunk.transport: Input should be 'udp', 'tcp' or 'tls'"),
        ("[campaign]\ncalling_window = '9-20'", "write two times of day, for example 09:00-20:30"),
        ("[campaign]\ncalling_window = '09:70-20:00'", "campaign.calling_window: minute must be"),
        ("[campaign]\ncalling_window = '09:00-25:00'", "campaign.calling_window: hour must be"),
        ("[campaign]\ntime_zone = 'Mars'", "write a zone such as Asia/Shanghai, not 'Mars'"),
        ("[campaign.retry_after_minutes]\nbusy = 'soon'", "campaign.retry_after_minutes.busy: "),
        ("[dialing]\nsip_port_base = 65530\nworkers = 9", "lower sip_port_base"),
        (
            "[console]\nmetrics_from = ['monitor']",
            "write an address such as 10.0.0.5, not 'monitor'",
        ),
        ("[trunk", "can't be read"),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_do(written: Written, text: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(written(text))
    assert said in str(caught.value)
    assert "menling.toml" in str(caught.value)


def test_a_wrong_section_in_the_environment_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MENLING_TRUNC__HOST", "x")
    with pytest.raises(SettingsError, match=r"MENLING_TRUNC__HOST.*did you mean trunk\.host"):
        load_settings()


def test_a_wrong_key_in_the_environment_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MENLING_TRUNK__HOTS", "x")
    with pytest.raises(SettingsError, match=r"trunk\.hots.*did you mean trunk\.host"):
        load_settings()


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="menling init"):
        load_settings(tmp_path / "nowhere.toml")


def test_the_password_is_never_printed(written: Written) -> None:
    path = written("[trunk]\npassword = 'hunter2'")
    settings = load_settings(path)
    assert "hunter2" not in f"{settings!r} {settings} {settings.model_dump()} "
    assert settings.trunk.password.get_secret_value() == "hunter2"


def test_a_wrong_value_is_not_repeated_since_it_may_be_a_secret(written: Written) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(written("[trunk]\npassword = ['hunter2']"))
    assert "hunter2" not in str(caught.value)


def test_the_rules_follow_the_settings() -> None:
    rules = rules_of(CampaignSettings(), {})
    assert rules.retry.name == "delivery"
    assert (rules.opens, rules.closes) == (time(9), time(20, 30))


def test_a_campaign_may_have_a_policy_of_its_own() -> None:
    rules = rules_of(
        CampaignSettings(),
        {"max_attempts": 1, "retry_after_minutes": {"busy": "never", "voicemail": 30}},
    )
    assert rules.retry.max_attempts == 1
    busy = rules.retry.rule_for(Disposition.BUSY, Outcome.NOT_REACHED)
    voicemail = rules.retry.rule_for(Disposition.VOICEMAIL, Outcome.MESSAGE_LEFT)
    assert busy is not None
    assert voicemail is not None
    assert (busy.pace, voicemail.minutes) == (Pace.NEVER, (30.0,))


def test_a_policy_with_an_unknown_rule_is_refused() -> None:
    with pytest.raises(SettingsError, match="max_atempts"):
        rules_of(CampaignSettings(), {"max_atempts": 1})


def test_all_day_is_written_with_twenty_four_hours() -> None:
    rules = rules_of(CampaignSettings(calling_window="00:00-24:00"), {})
    assert rules.opens == rules.closes == time(0)


def test_srtp_is_refused_where_its_keys_would_be_readable(written: Written) -> None:
    with pytest.raises(SettingsError, match="srtp sends its keys by SIP; set transport to tls"):
        load_settings(written("[trunk]\nsrtp = 'optional'"))
    assert load_settings(written("[trunk]\ntransport = 'tls'\nsrtp = 'mandatory'")).trunk.srtp


def test_the_authorities_of_a_trunk_are_looked_for_beside_the_file(written: Written) -> None:
    path = written("[trunk]\ntls_ca_file = 'provider.pem'")
    assert load_settings(path).trunk.tls_ca_file == path.parent / "provider.pem"


def test_further_trunks_have_names_and_the_environment_keeps_their_passwords(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MENLING_TRUNKS__NORTH__PASSWORD", "hunter2")
    text = "[trunk]\nhost = 'a'\n[trunks.north]\nhost = 'b'\ntls_ca_file = 'b.pem'"
    settings = load_settings(path := written(text))
    assert list(settings.all_trunks) == ["main", "north"]
    assert settings.trunks["north"].password.get_secret_value() == "hunter2"
    assert settings.trunks["north"].tls_ca_file == path.parent / "b.pem"
    assert settings.channels == 60


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[trunks.main]\nhost = 'b'", "main is the trunk in"),
        ("[trunks.spare]\nport = 5062", "spare.host is not set"),
        ("[trunks.spare]\nhost = 'b'\nregisters = true", "registers needs user"),
        ("\n".join(f"[trunks.t{n}]\nhost = 'b'" for n in range(5)), "5 trunks are the most"),
        ("[campaign.trunks]\ncaller_ids = ['1 2']", "campaign.trunks.caller_ids"),
    ],
)
def test_a_trunk_that_can_not_be_is_told(written: Written, text: str, complaint: str) -> None:
    with pytest.raises(SettingsError, match=complaint):
        load_settings(written(text))


def test_a_campaign_says_over_which_trunks_it_calls_and_what_it_shows(written: Written) -> None:
    text = '[campaign.trunks]\ncaller_id_by_prefix = {"+8610" = "01065432100"}'
    settings = load_settings(written(text))
    rules = rules_of(settings.campaign, {"trunks": {"use": ["north"]}}).trunks
    assert rules.names == ("north",)
    assert dict(rules.caller_id.by_prefix) == {"+8610": "01065432100"}


def test_the_voice_detector_is_chosen_by_its_name(written: Written) -> None:
    chosen = load_settings(written("[recognition]\nvoice_detector = 'silero'"))
    assert detector_of(chosen) is DetectorKind.SILERO
    assert detector_of(load_settings()) is DetectorKind.WEBRTC


def test_a_voice_detector_that_is_not_installed_is_told_with_what_to_install(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = load_settings(written("[recognition]\nvoice_detector = 'silero'"))
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    monkeypatch.delitem(sys.modules, "asr.silero", raising=False)
    with pytest.raises(SettingsError, match=r"pip install 'menling\[silero\]'"):
        detector_of(chosen)
