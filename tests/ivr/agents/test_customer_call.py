"""A trainee on a telephone line with a simulated customer, in virtual time."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from asr.hearing import Recognition
from asr.listener import Listener
from asr.scripted_stream import ScriptedStream
from asr.vad import LevelVoiceDetector
from audio.level import pcm_of, samples, tone
from audio.pcm import silence
from dialer.leg import DialRequest
from dialer.loopback import AfterSilence, Answer, At, HangUp, LoopbackLeg, Speak, Step
from ivr.acting import CallEnd
from ivr.conversation import Equipment
from ivr.customer_call import CustomerCall
from ivr.customer_files import customer
from ivr.score_sheet import Call, Exchange, score
from tts.speaker import LocalSpeaker

REQUEST = DialRequest("sip:trainee@127.0.0.1", timedelta(seconds=30))
GREETING = "您好顺达快递客服小李"
GOOD = (
    GREETING, "非常抱歉让您着急了", "请问您的运单号是多少", "请问您是收件人本人吗",
    "是因为快递员把运费重复收了一次", "多收的钱退还给您", "今天下午六点前给您处理好",
    "我跟您确认一下对吗", "还有什么可以帮您的吗", "感谢您的来电再见",
)  # fmt: skip


def voice(seconds: float) -> bytes:
    """Two overtones, which a level takes for a voice."""
    low, high = (samples(tone(hertz, seconds, -23.0)) for hertz in (750.0, 1050.0))
    return pcm_of(low + high) + silence(1.0)


def held(name: str, folder: Path, *lines: str, steps: tuple[Step, ...] = ()) -> Call:
    """Say these lines, each once the customer has been silent for 1.5 s; then wait."""
    stream = ScriptedStream([Recognition(line, 0.9) for line in lines])
    spoken = [Step(AfterSilence(1.5), Speak(voice(1.5))) for _ in lines[1:]]
    script = steps or (Step(At(1.0), Speak(voice(1.5))), *spoken)
    leg = LoopbackLeg(Step(At(0.0), Answer()), *script, Step(AfterSilence(60.0), HangUp()))
    equipment = Equipment(
        Listener(stream, LevelVoiceDetector()), LocalSpeaker(folder), clock=lambda: 0.0
    )
    told: list[Exchange] = []
    call = asyncio.run(CustomerCall(leg, equipment, customer(name), told.append).hold(REQUEST))
    assert tuple(told) == call.exchanges
    return call


def test_a_customer_is_satisfied_aloud_as_he_is_by_text(tmp_path: Path) -> None:
    call = held("surplus-calm", tmp_path, GREETING, "是快递员把快件拿混了", "我让快递员上门取走",
                "今天下午六点前给您处理好", "感谢您的来电再见")  # fmt: skip
    assert call.end is CallEnd.SATISFIED
    assert next(each.line.text for each in call.exchanges if each.line.text) == GREETING
    assert call.seconds > 20
    assert score(call).total > 40


def test_he_goes_on_with_his_story_after_a_breath(tmp_path: Path) -> None:
    call = held("late-angry", tmp_path, GREETING)
    replies = [each.reply for each in call.exchanges]
    assert tuple(replies[:2]) == customer("late-angry").story


def test_he_asks_whether_anybody_is_there_and_leaves_in_the_end(tmp_path: Path) -> None:
    call = held("return-calm", tmp_path, GREETING)
    assert any(each.reply.startswith("喂") for each in call.exchanges)
    assert call.end is CallEnd.LOST


def test_whoever_talks_into_his_words_interrupts_him(tmp_path: Path) -> None:
    steps = (Step(At(1.0), Speak(voice(1.5))), Step(At(5.0), Speak(voice(1.5))))
    call = held("return-calm", tmp_path, GREETING, "请问您的运单号是多少", steps=steps)
    assert call.exchanges[1].line.interrupts
    assert call.exchanges[1].reply.startswith("您先听我说完")


def test_a_word_of_listening_into_his_words_does_not(tmp_path: Path) -> None:
    steps = (Step(At(1.0), Speak(voice(1.5))), Step(At(5.0), Speak(voice(1.0))))
    call = held("return-calm", tmp_path, GREETING, "嗯", steps=steps)
    assert not any(each.line.interrupts for each in call.exchanges)


def test_whoever_hangs_up_on_him_has_lost_him(tmp_path: Path) -> None:
    steps = (Step(At(1.0), Speak(voice(1.5))), Step(At(6.0), HangUp()))
    assert held("return-calm", tmp_path, GREETING, steps=steps).end is CallEnd.LOST


def test_a_good_agent_passes_aloud_once_the_customer_has_proof(tmp_path: Path) -> None:
    assert held("cod-suspicious", tmp_path, *GOOD).end is CallEnd.LOST
    proven = held("cod-suspicious", tmp_path, GREETING, "您可以打官方客服电话核实", *GOOD[1:])
    assert proven.end is CallEnd.SATISFIED
    assert score(proven).passed
