from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from asr.hearing import Recognition, RecognitionStream
from asr.model_files import ModelError, bundled_model
from asr.service import start_recognizers
from asr.stream import RecognitionError, open_stream
from asr.wire import Kind, Message, pack, read_message
from audio.pcm import frames, seconds, silence

pytestmark = pytest.mark.vosk

Speak = Callable[[str], bytes]


async def say(stream: RecognitionStream, pcm: bytes, phrases: tuple[str, ...] = ()) -> Recognition:
    await stream.begin(phrases)
    for frame in frames(pcm):
        await stream.accept(frame)
    return await stream.finish()


def test_legs_share_the_recogniser_processes_and_hear_only_themselves(
    speak: Speak, sockets_directory: Path
) -> None:
    texts = ["可以的", "放快递柜吧", "你打错了", "明天下午三点以后吧", "再说一遍"]

    async def talk() -> list[str]:
        async with await start_recognizers(bundled_model(), 2, sockets_directory) as recognizers:
            streams = [await open_stream(recognizers.sockets) for _ in texts]
            results = await asyncio.gather(
                *(say(stream, speak(text)) for stream, text in zip(streams, texts, strict=True))
            )
            for stream in streams:
                await stream.close()
            return [result.text for result in results]

    assert asyncio.run(talk()) == texts


def test_partials_arrive_while_the_callee_speaks_and_words_have_times(
    speak: Speak, sockets_directory: Path
) -> None:
    pcm = speak("明天下午三点以后吧")

    async def talk() -> tuple[list[str], Recognition]:
        async with await start_recognizers(bundled_model(), 1, sockets_directory) as recognizers:
            stream = await open_stream(recognizers.sockets)
            await stream.begin()
            partials: list[str] = []
            for frame in frames(pcm):
                await stream.accept(frame)
                await asyncio.sleep(0.02)  # a call's own pace is what is tested
                if stream.partial() not in ["", *partials[-1:]]:
                    partials.append(stream.partial())
            recognition = await stream.finish()
            await stream.close()
            return partials, recognition

    partials, recognition = asyncio.run(talk())
    assert len(partials) >= 3
    assert partials[0] != recognition.text
    assert recognition.text == "明天下午三点以后吧"
    assert recognition.confidence > 0.8
    assert 0.0 <= recognition.words[0].began < recognition.words[-1].ended <= seconds(pcm)


def test_a_closed_grammar_hears_its_phrases_and_rejects_the_rest(
    speak: Speak, sockets_directory: Path
) -> None:
    async def talk() -> list[str]:
        async with await start_recognizers(bundled_model(), 1, sockets_directory) as recognizers:
            stream = await open_stream(recognizers.sockets)
            phrases = ("可以的", "放快递柜")
            heard = [
                (await say(stream, speak(text), phrases)).text
                for text in ("可以的", "放快递柜", "今天天气很好")
            ]
            heard.append((await say(stream, speak("今天天气很好"))).text)
            await stream.close()
            return heard

    assert asyncio.run(talk()) == ["可以的", "放快递柜", "", "今天天气很好"]


def test_a_discarded_utterance_leaves_nothing_for_the_next(
    speak: Speak, sockets_directory: Path
) -> None:
    async def talk() -> str:
        async with await start_recognizers(bundled_model(), 1, sockets_directory) as recognizers:
            stream = await open_stream(recognizers.sockets)
            await stream.begin()
            await stream.accept(speak("你打错了"))
            await stream.discard()
            heard = await say(stream, speak("可以的"))
            await stream.close()
            return heard.text

    assert asyncio.run(talk()) == "可以的"


def test_a_killed_recogniser_costs_no_word_of_the_utterance_in_progress(
    speak: Speak, sockets_directory: Path
) -> None:
    async def talk() -> tuple[list[str], int]:
        async with await start_recognizers(bundled_model(), 1, sockets_directory) as recognizers:
            stream = await open_stream(recognizers.sockets)
            pcm = speak("明天下午三点以后吧")
            await stream.begin()
            await stream.accept(pcm[:16000])
            os.kill(recognizers.pids[0], signal.SIGKILL)
            await stream.accept(pcm[16000:])
            first = await stream.finish()
            second = await say(stream, speak("可以的"))
            await stream.close()
            return [first.text, second.text], recognizers.restarts

    assert asyncio.run(talk()) == (["明天下午三点以后吧", "可以的"], 1)


def test_an_utterance_that_kills_two_recognisers_is_given_up(sockets_directory: Path) -> None:
    visits = 0

    async def die_of_sound(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal visits
        visits += 1
        writer.write(pack(Message(Kind.READY)))
        while (message := await read_message(reader)) and message.kind is not Kind.AUDIO:
            pass
        writer.close()

    async def talk() -> None:
        socket = sockets_directory / "frail.sock"
        server = await asyncio.start_unix_server(die_of_sound, path=str(socket))
        async with server:
            stream = await open_stream([socket])
            with pytest.raises(RecognitionError, match="lost the utterance"):
                await say(stream, silence(0.2))
            await stream.close()

    asyncio.run(talk())
    assert visits >= 2


def test_a_broken_model_is_refused_before_any_call(sockets_directory: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(bundled_model(), broken)
    (broken / "am/final.mdl").write_bytes(b"not a network")
    with pytest.raises(ModelError, match="can't load it"):
        asyncio.run(start_recognizers(broken, 1, sockets_directory))


def test_a_stream_without_recognisers_says_so(sockets_directory: Path) -> None:
    with pytest.raises(RecognitionError, match="No recogniser process answers"):
        asyncio.run(open_stream([sockets_directory / "nobody.sock"]))
    with pytest.raises(RecognitionError, match=r"recognition\.processes is 0"):
        asyncio.run(open_stream([]))


def test_a_directory_too_deep_for_a_socket_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="too long for a Unix socket"):
        asyncio.run(start_recognizers(bundled_model(), 1, tmp_path / ("deep" * 30)))
