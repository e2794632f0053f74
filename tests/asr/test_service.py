from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from asr.engine import RecognitionModel
from asr.enquiry import load_of, prepare
from asr.hearing import Recognition, RecognitionStream
from asr.model_files import ModelError, bundled_model
from asr.server import RecognitionServer
from asr.service import start_recognizers
from asr.stream import RecognitionError, open_stream
from asr.wire import Kind, Message, pack, read_message
from audio.pcm import frames, seconds, silence

pytestmark = pytest.mark.vosk

Speak = Callable[[str], bytes]

PATIENCE_SECONDS = 60.0
"""However busy the machine is."""


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
            streams = [await open_stream(recognizers.sockets, PATIENCE_SECONDS) for _ in texts]
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
            stream = await open_stream(recognizers.sockets, PATIENCE_SECONDS)
            await stream.begin()
            partials = [""]
            middle = len(pcm) // 4 * 2
            async with asyncio.timeout(PATIENCE_SECONDS):
                for piece in (pcm[:middle], pcm[middle:]):
                    await stream.accept(piece)
                    while stream.partial() == partials[-1]:  # noqa: ASYNC110  nothing tells that one has come
                        await asyncio.sleep(0.01)
                    partials.append(stream.partial())
            recognition = await stream.finish()
            await stream.close()
            return partials, recognition

    partials, recognition = asyncio.run(talk())
    assert recognition.text.startswith(partials[1])
    assert len(partials[1]) < len(partials[2])
    assert partials[1] != recognition.text
    assert recognition.text == "明天下午三点以后吧"
    assert recognition.confidence > 0.8
    assert 0.0 <= recognition.words[0].began < recognition.words[-1].ended <= seconds(pcm)


def test_a_closed_grammar_hears_its_phrases_and_rejects_the_rest(
    speak: Speak, sockets_directory: Path
) -> None:
    async def talk() -> list[str]:
        async with await start_recognizers(bundled_model(), 1, sockets_directory) as recognizers:
            stream = await open_stream(recognizers.sockets, PATIENCE_SECONDS)
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
            stream = await open_stream(recognizers.sockets, PATIENCE_SECONDS)
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
            stream = await open_stream(recognizers.sockets, PATIENCE_SECONDS)
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


def test_a_kill_amid_ten_concurrent_utterances_loses_none_of_them(
    speak: Speak, sockets_directory: Path
) -> None:
    texts = ["可以的", "放快递柜吧", "你打错了", "明天下午三点以后吧", "再说一遍"] * 2

    async def say_slowly(stream: RecognitionStream, text: str, half: asyncio.Event) -> str:
        pcm = speak(text)
        middle = len(pcm) // 4 * 2
        await stream.begin()
        await stream.accept(pcm[:middle])
        await half.wait()
        await stream.accept(pcm[middle:])
        return (await stream.finish()).text

    async def talk() -> tuple[list[str], int]:
        async with await start_recognizers(bundled_model(), 2, sockets_directory) as recognizers:
            streams = [await open_stream(recognizers.sockets, PATIENCE_SECONDS) for _ in texts]
            half = asyncio.Event()
            talks = [
                asyncio.create_task(say_slowly(stream, text, half))
                for stream, text in zip(streams, texts, strict=True)
            ]
            await asyncio.sleep(0)  # each has said half of its sentence now
            os.kill(recognizers.pids[0], signal.SIGKILL)
            half.set()
            heard = await asyncio.gather(*talks)
            for stream in streams:
                await stream.close()
            return list(heard), recognizers.restarts

    heard, restarts = asyncio.run(talk())
    assert heard == texts
    assert restarts <= 1


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


def test_other_readings_reach_the_worker_with_their_shares(
    speak: Speak, line_noise: Callable[[float, float], bytes], sockets_directory: Path
) -> None:
    async def talk() -> list[Recognition]:
        async with await start_recognizers(bundled_model(), 1, sockets_directory) as recognizers:
            stream = await open_stream(recognizers.sockets, PATIENCE_SECONDS)
            heard = [
                await say(stream, mixed(speak(text), line_noise(1.0, -22)))
                for text in ("对", "是的", "不是", "可以", "后天", "好的")
            ]
            await stream.close()
            return heard

    heard = asyncio.run(talk())
    for recognition in heard:
        shares = [each.confidence for each in recognition.alternatives]
        assert recognition.alternatives[0].text == recognition.text
        assert shares == sorted(shares, reverse=True)
        assert sum(shares) == pytest.approx(1.0)
    assert max(len(recognition.alternatives) for recognition in heard) > 1


def mixed(voice: bytes, noise: bytes) -> bytes:
    """Return the voice with the noise over and over beneath it."""
    values = np.frombuffer(voice, dtype="<i2").astype(np.int32)
    values += np.resize(np.frombuffer(noise, dtype="<i2"), len(values))
    return np.clip(values, -32768, 32767).astype("<i2").tobytes()


def test_what_a_question_hopes_for_decides_between_readings(
    speak: Speak, line_noise: Callable[[float, float], bytes], sockets_directory: Path
) -> None:
    async def talk() -> tuple[Recognition, Recognition]:
        async with await start_recognizers(bundled_model(), 1, sockets_directory) as recognizers:
            stream = await open_stream(recognizers.sockets, PATIENCE_SECONDS)
            pcm = mixed(speak("对"), line_noise(1.0, -18))
            await stream.begin()
            await stream.accept(pcm)
            plainly = await stream.finish()
            second = plainly.alternatives[1].text
            await stream.begin((), (second,))
            await stream.accept(pcm)
            hoping = await stream.finish()
            await stream.close()
            return plainly, hoping

    plainly, hoping = asyncio.run(talk())
    second = plainly.alternatives[1]
    raised = next(each for each in hoping.alternatives if each.text == second.text)
    assert raised.confidence > second.confidence


def test_questions_can_be_made_ready_for_before_they_are_asked(
    speak: Speak, sockets_directory: Path
) -> None:
    questions = [("可以的", "不可以"), ("放快递柜", "放门口", "放物业")]

    async def talk() -> tuple[int, int, int]:
        async with await start_recognizers(bundled_model(), 1, sockets_directory) as recognizers:
            socket = recognizers.sockets[0]
            before = await load_of(socket)
            await prepare(recognizers.sockets, questions)
            ready = await load_of(socket)
            stream = await open_stream(recognizers.sockets, PATIENCE_SECONDS)
            assert (await say(stream, speak("放快递柜"), questions[1])).text == "放快递柜"
            assert (await say(stream, speak("可以的"), questions[0])).text == "可以的"
            after = await load_of(socket)
            await stream.close()
            return before.engines_made, ready.engines_made, after.engines_made

    before, ready, after = asyncio.run(talk())
    assert ready == before + len(questions)
    assert after == ready


def test_an_utterance_that_waited_too_long_is_given_up_and_counted(
    model: RecognitionModel, sockets_directory: Path
) -> None:
    socket = sockets_directory / "hurried.sock"

    async def talk() -> tuple[int, int]:
        stop, up = asyncio.Event(), asyncio.Event()
        server = RecognitionServer(model, given_up_seconds=0.0)
        serving = asyncio.create_task(server.serve(socket, up.set, stop))
        await up.wait()
        stream = await open_stream([socket])
        with pytest.raises(RecognitionError, match="lost the utterance"):
            await say(stream, silence(0.2))
        await stream.close()
        load = await load_of(socket)
        stop.set()
        await serving
        return load.given_up, load.utterances

    assert asyncio.run(talk()) == (1, 0)


def test_the_load_of_a_process_tells_what_it_has_done(
    speak: Speak, sockets_directory: Path
) -> None:
    async def talk() -> None:
        async with await start_recognizers(bundled_model(), 1, sockets_directory) as recognizers:
            stream = await open_stream(recognizers.sockets, PATIENCE_SECONDS)
            for _ in range(3):
                await say(stream, speak("可以的"))
            load = await load_of(recognizers.sockets[0])
            await stream.close()
            assert (load.legs, load.utterances, load.given_up, load.refused) == (2, 3, 0, 0)
            assert load.late <= 3
            assert 20 < load.megabytes < 400

    asyncio.run(talk())
    with pytest.raises(RecognitionError, match="does not answer"):
        asyncio.run(load_of(sockets_directory / "nobody.sock"))
