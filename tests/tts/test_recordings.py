"""Recorded prompts: brought in, found by name and words, joined with what is synthesised."""

from __future__ import annotations

import asyncio
import wave
from pathlib import Path

import numpy as np
import pytest
import yaml

from audio.aigc import mark_of
from audio.level import samples
from audio.pcm import SAMPLE_RATE, seconds
from audio.wav import WavError, read_wav, write_wav
from tts.cache import Cache
from tts.loudness import LOUD_DB, SPEECH_DBOV, active_level
from tts.recorded_speech import RecordedSpeech
from tts.recordings import MANIFEST, Recordings, load_recordings, same_words
from tts.shaping import spoken_part
from tts.speaker import LocalSpeaker, hum
from tts.speech import Manner, Piece, SpeechError, Voice
from tts.takes import LIST, import_takes, read_studio

GREETING = Piece("您好,", "pre-delivery/opening.1")
NAME = Piece("顺达快递")
REST = Piece("自动语音助手。", "pre-delivery/opening.2")
WHOLE = Piece("祝您生活愉快,再见。", "pre-delivery/goodbye")
WANTED = {
    f"zh-CN/{name}.wav": frozenset({piece.text})
    for piece in (GREETING, REST, WHOLE)
    for name in (piece.clip, piece.clip.replace("pre-delivery", "shared"))
}


def studio(path: Path, text: str, rate: int = 44100, channels: int = 2, width: int = 2) -> Path:
    """Write a recording as a sound card makes it."""
    sound = samples(hum(text))
    at = np.arange(round(sound.size * rate / SAMPLE_RATE)) * SAMPLE_RATE / rate
    again = np.interp(at, np.arange(sound.size), sound) * 0.4
    frames = np.repeat(again, channels)
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as wav:
        wav.setnchannels(channels)
        wav.setsampwidth(width)
        wav.setframerate(rate)
        if width == 1:
            wav.writeframes((frames * 127 + 128).astype(np.uint8).tobytes())
        else:
            whole = (frames * (2 ** (8 * width - 1) - 1)).astype("<i4")
            wav.writeframes(whole.view(np.uint8).reshape(-1, 4)[:, :width].tobytes())
    return path


@pytest.fixture
def takes(tmp_path: Path) -> Path:
    return tmp_path / "takes"


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return tmp_path / "library"


def bring(takes: Path, library: Path, *pieces: Piece, folder: str = "") -> Recordings:
    for piece in pieces:
        clip = piece.clip.replace("pre-delivery", folder) if folder else piece.clip
        studio(takes / "zh-CN" / f"{clip}.wav", piece.text)
    assert [take.problem for take in import_takes(takes, library, WANTED) if take.problem] == []
    return load_recordings(library)


def speech(tmp_path: Path, recordings: Recordings) -> RecordedSpeech:
    cache = tmp_path / "cache"
    return RecordedSpeech(LocalSpeaker(cache), recordings, Cache(cache), Voice(name="hum"))


def said(speech: RecordedSpeech, *pieces: Piece, manner: Manner | None = None) -> Path:
    text = "".join(piece.text for piece in pieces)
    return asyncio.run(speech.wav(text, manner or Manner(), pieces))


@pytest.mark.parametrize(
    ("rate", "channels", "width"),
    [(8000, 1, 2), (16000, 1, 2), (44100, 2, 2), (48000, 2, 3), (48000, 1, 4), (22050, 1, 1)],
)
def test_any_format_becomes_telephone_sound_of_one_loudness(
    takes: Path, library: Path, rate: int, channels: int, width: int
) -> None:
    studio(takes / "zh-CN/pre-delivery/goodbye.wav", WHOLE.text, rate, channels, width)
    (take,) = import_takes(takes, library, WANTED)
    assert take.problem == ""
    sound = read_wav(library / take.name)
    assert seconds(sound) == pytest.approx(seconds(hum(WHOLE.text)), abs=0.15)
    assert active_level(samples(sound)) == pytest.approx(SPEECH_DBOV, abs=0.3)


def test_a_float_wav_is_read_and_a_compressed_one_is_refused(tmp_path: Path) -> None:
    sound = samples(hum("您好")).astype("<f4").tobytes()

    def save(kind: int, bits: int) -> Path:
        form = b"".join(
            value.to_bytes(size, "little")
            for value, size in ((kind, 2), (1, 2), (8000, 4), (32000, 4), (4, 2), (bits, 2))
        )
        body = b"WAVEfmt " + len(form).to_bytes(4, "little") + form
        body += b"data" + len(sound).to_bytes(4, "little") + sound
        path = tmp_path / f"{kind}.wav"
        path.write_bytes(b"RIFF" + len(body).to_bytes(4, "little") + body)
        return path

    pcm, rate = read_studio(save(3, 32))
    assert (rate, len(pcm)) == (8000, len(sound) // 2)
    with pytest.raises(WavError, match="compressed"):
        read_studio(save(6, 8))


def test_what_cannot_be_used_is_refused_with_the_reason(takes: Path, library: Path) -> None:
    names = {
        "zh-CN/pre-delivery/nobody.wav": "no flow asks for a file of that name",
        "zh-CN/pre-delivery/opening.1.wav": "another sentence, or cut off",
        "zh-CN/pre-delivery/opening.2.wav": "nothing is heard",
        "zh-CN/pre-delivery/goodbye.wav": "not a WAV",
        "zh-CN/shared/goodbye.wav": "clipped",
    }
    studio(takes / "zh-CN/pre-delivery/nobody.wav", "您好")
    studio(takes / "zh-CN/pre-delivery/opening.1.wav", "您好" * 20)
    write_wav(takes / "zh-CN/pre-delivery/opening.2.wav", bytes(32000))
    (takes / "zh-CN/pre-delivery/goodbye.wav").write_bytes(b"an MP3, perhaps")
    (takes / "zh-CN/shared").mkdir()
    clipped = np.clip(samples(hum(WHOLE.text)) * 40, -1, 1)
    write_wav(takes / "zh-CN/shared/goodbye.wav", (clipped * 32767).astype("<i2").tobytes())
    found = {take.name: take.problem for take in import_takes(takes, library, WANTED)}
    assert found.keys() == names.keys()
    for name, told in names.items():
        assert told in found[name]
    assert load_recordings(library).clips == {}


def test_the_name_may_end_in_capitals_as_recorders_write_it(takes: Path, library: Path) -> None:
    studio(takes / "zh-CN/pre-delivery/goodbye.WAV", WHOLE.text)
    assert [take.problem for take in import_takes(takes, library, WANTED)] == [""]
    assert load_recordings(library).find("zh-CN", WHOLE) is not None


def test_an_empty_folder_says_what_belongs_there(takes: Path, library: Path) -> None:
    takes.mkdir()
    with pytest.raises(SpeechError, match="menling speech list"):
        import_takes(takes, library, WANTED)


def test_the_list_that_was_read_from_tells_the_words(takes: Path, library: Path) -> None:
    (takes / "zh-CN").mkdir(parents=True)
    (takes / LIST).write_text(
        "file,words\nzh-CN/pre-delivery/goodbye.wav,再见啦\n", encoding="utf-8-sig"
    )
    studio(takes / "zh-CN/pre-delivery/goodbye.wav", "再见啦")
    import_takes(takes, library, WANTED)
    recordings = load_recordings(library)
    assert recordings.find("zh-CN", WHOLE) is None
    stale = recordings.stale("zh-CN", WHOLE)
    assert stale is not None
    assert stale.says == "再见啦"


def test_a_later_import_adds_to_the_earlier(takes: Path, library: Path, tmp_path: Path) -> None:
    bring(takes, library, GREETING)
    recordings = bring(tmp_path / "more", library, REST)
    assert recordings.find("zh-CN", GREETING)
    assert recordings.find("zh-CN", REST)
    assert recordings.find("en-US", REST) is None


def test_a_flows_own_recording_wins_over_the_shared_one(takes: Path, library: Path) -> None:
    shared = bring(takes, library, WHOLE, folder="shared").find("zh-CN", WHOLE)
    assert shared is not None
    assert shared.path.parent.name == "shared"
    own = bring(takes, library, WHOLE).find("zh-CN", WHOLE)
    assert own is not None
    assert own.path.parent.name == "pre-delivery"


def test_a_recording_of_other_words_is_not_used(takes: Path, library: Path) -> None:
    recordings = bring(takes, library, WHOLE)
    reworded = Piece("祝您生活愉快,下次见。", WHOLE.clip)
    assert recordings.find("zh-CN", reworded) is None
    assert recordings.stale("zh-CN", reworded) is not None
    assert recordings.stale("zh-CN", WHOLE) is None


def test_stops_that_sound_alike_are_alike() -> None:
    assert same_words("您好\uff0c 请稍等。", "您好,请稍等。,")
    assert not same_words("您方便吗?", "您方便吗。")


@pytest.mark.parametrize("damage", ["- a list", "a: b", "{", "x.wav: {says: 1}"])
def test_a_list_that_cannot_be_read_says_what_to_do(library: Path, damage: str) -> None:
    library.mkdir()
    (library / "x.wav").touch()
    (library / "a").touch()
    (library / MANIFEST).write_text(damage)
    with pytest.raises(SpeechError, match="menling speech import"):
        load_recordings(library)


def test_without_recordings_everything_is_synthesised(tmp_path: Path) -> None:
    spoken = said(speech(tmp_path, load_recordings(tmp_path / "none")), GREETING, NAME, REST)
    assert read_wav(spoken) == hum("您好,顺达快递自动语音助手。")


def test_what_is_recorded_whole_is_played_as_it_is(
    tmp_path: Path, takes: Path, library: Path
) -> None:
    recordings = bring(takes, library, WHOLE)
    spoken = said(speech(tmp_path, recordings), WHOLE)
    assert spoken == library / "zh-CN/pre-delivery/goodbye.wav"
    assert mark_of(spoken) is None


def test_pieces_are_joined_without_holes_and_kept(
    tmp_path: Path, takes: Path, library: Path
) -> None:
    narrator = speech(tmp_path, bring(takes, library, GREETING, REST))
    spoken = said(narrator, GREETING, NAME, REST)
    sound = samples(read_wav(spoken))
    parts = sum(seconds(hum(piece.text)) - 0.12 for piece in (GREETING, NAME, REST))
    assert seconds(read_wav(spoken)) == pytest.approx(parts + 0.12 + 0.16 + 0.03, abs=0.12)
    assert active_level(sound) == pytest.approx(SPEECH_DBOV, abs=0.3)
    assert spoken_part(sound) is not None
    assert mark_of(spoken) is not None
    inode = spoken.stat().st_ino
    assert said(narrator, GREETING, NAME, REST).stat().st_ino == inode


def test_another_value_between_the_same_recordings_is_another_sentence(
    tmp_path: Path, takes: Path, library: Path
) -> None:
    narrator = speech(tmp_path, bring(takes, library, GREETING, REST))
    assert said(narrator, GREETING, NAME, REST) != said(narrator, GREETING, Piece("京东"), REST)


def test_a_new_recording_of_the_same_words_is_heard(
    tmp_path: Path, takes: Path, library: Path
) -> None:
    first = said(speech(tmp_path, bring(takes, library, GREETING)), GREETING, NAME)
    studio(takes / "zh-CN/pre-delivery/opening.1.wav", "您好呀")
    import_takes(takes, library, WANTED)
    assert said(speech(tmp_path, load_recordings(library)), GREETING, NAME) != first


def test_recordings_are_said_slower_and_louder_too(
    tmp_path: Path, takes: Path, library: Path
) -> None:
    narrator = speech(tmp_path, bring(takes, library, WHOLE))
    usual = read_wav(said(narrator, WHOLE))
    slow = read_wav(said(narrator, WHOLE, manner=Manner(slow=True)))
    loud = read_wav(said(narrator, WHOLE, manner=Manner(loud=True)))
    assert seconds(slow) / seconds(usual) == pytest.approx(4 / 3, abs=0.08)
    assert active_level(samples(loud)) == pytest.approx(SPEECH_DBOV + LOUD_DB, abs=0.3)


def test_a_recording_that_is_gone_is_synthesised_instead(
    tmp_path: Path, takes: Path, library: Path, caplog: pytest.LogCaptureFixture
) -> None:
    narrator = speech(tmp_path, bring(takes, library, GREETING, WHOLE))
    for file in library.rglob("*.wav"):
        file.unlink()
    assert read_wav(said(narrator, WHOLE)) == hum(WHOLE.text)
    assert read_wav(said(narrator, GREETING, NAME)) == hum("您好,顺达快递")
    assert "can't be used" in caplog.text


def test_the_list_is_one_that_people_can_read(takes: Path, library: Path) -> None:
    bring(takes, library, WHOLE)
    listed = yaml.safe_load((library / MANIFEST).read_text("utf-8"))
    assert listed["zh-CN/pre-delivery/goodbye.wav"]["says"] == WHOLE.text
