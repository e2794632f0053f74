"""A simulated customer on a leg: he speaks, hears the trainee, and answers by his mood.

    trainee   [您好,顺达快递]            ......             [非常抱歉...]
    customer                  [我问你们啊……]..1 s..[天天说在路上……]         [行了行了……]
                                            ^ he goes on unless the trainee speaks

The leg's frames are the only clock, as in `ivr/conversation.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from asr.hearing import Expectation, SpeechDismissed, SpeechStarted, Utterance
from audio.pcm import FRAME_SECONDS
from dialer.leg import DialRequest, Ended, Leg, LegEvent, PlaybackEnded, Sound
from ivr.acting import Acting, answer, begin, hung_up_on
from ivr.agent_lines import AgentEar
from ivr.conversation import Equipment
from ivr.customer import Customer
from ivr.score_sheet import Call, Exchange
from tts.prompts import sentences

BREATH_SECONDS = 1.0
"""Between two parts of his story."""
SILENCE_SECONDS = 6.0
"""Nobody lets a customer wait so long without a word."""
END_SILENCE_SECONDS = 0.8
"""People who look for words pause; a trainee is given this much."""
SHORT = 3
"""So many characters into his words are a 嗯, and no interruption."""


@dataclass(slots=True)
class _Floor:
    """Who speaks now, in seconds of call audio."""

    playing: int = 0
    """Sentences of his that are still to be heard."""
    trainee_speaks: bool = False
    over_his_words: bool = False
    """The trainee began while he was speaking."""
    quiet_since: float = 0.0


class CustomerCall:
    """One call of a simulated customer with a trainee; used once."""

    def __init__(
        self,
        leg: Leg,
        equipment: Equipment,
        customer: Customer,
        told: Callable[[Exchange], None] = lambda _: None,
    ) -> None:
        """`told` is given every exchange as soon as he answers."""
        self._leg = leg
        self._equipment = equipment
        self._acting: Acting = begin(customer)
        self._ear = AgentEar(customer.case.called_company, customer.case.known_by)
        self._exchanges: list[Exchange] = []
        self._told = told
        self._floor = _Floor()
        self._seconds = 0.0

    async def hold(self, request: DialRequest) -> Call:
        """Ring the trainee, talk, and return the call once the line is dead."""
        hearing = self._equipment.hearing
        hearing.expect(Expectation(end_silence_seconds=END_SILENCE_SECONDS))
        self._leg.dial(request)
        try:
            while not isinstance(event := await self._leg.receive(), Ended):
                await self._take(event)
        finally:
            await hearing.close()
        acting = hung_up_on(self._acting)
        if acting.end is None:
            raise AssertionError("whoever was hung up on has left")
        return Call(acting.customer, tuple(self._exchanges), acting.end, self._seconds)

    async def _take(self, event: LegEvent) -> None:
        floor = self._floor
        match event:
            case PlaybackEnded():
                floor.playing = max(0, floor.playing - 1)
                floor.quiet_since = self._seconds
            case Sound(frame):
                self._seconds = round(self._seconds + FRAME_SECONDS, 6)
                for heard in await self._equipment.hearing.hear(frame):
                    match heard:
                        case SpeechStarted():
                            floor.trainee_speaks = True
                            floor.over_his_words = floor.playing > 0
                        case SpeechDismissed():
                            self._fall_quiet()
                        case Utterance(text):
                            await self._hear(text)
                await self._wait()

    async def _hear(self, text: str) -> None:
        """Take what the trainee said to the customer."""
        over_his_words = self._floor.over_his_words
        self._fall_quiet()
        if not text or (over_his_words and len(text) <= SHORT) or self._acting.end:
            return
        if over_his_words:
            self._leg.stop()
            self._floor.playing = 0
        await self._answer(text, interrupts=over_his_words)

    async def _wait(self) -> None:
        """Go on with the story, or ask whether anybody is there, when nobody speaks."""
        floor = self._floor
        if floor.trainee_speaks or floor.playing:
            return
        quiet = self._seconds - floor.quiet_since
        if self._acting.end is not None:
            self._leg.hang_up()
        elif quiet >= (BREATH_SECONDS if self._is_in_the_middle() else SILENCE_SECONDS):
            await self._answer("", interrupts=False)

    def _is_in_the_middle(self) -> bool:
        return self._acting.told > 0 and self._acting.is_telling

    async def _answer(self, text: str, *, interrupts: bool) -> None:
        line = self._ear.line(text, interrupts=interrupts)
        self._acting, reply = answer(self._acting, line)
        exchange = Exchange(line, reply, self._acting)
        self._exchanges.append(exchange)
        self._told(exchange)
        for sentence in sentences(reply):
            self._leg.play(await self._equipment.speech.wav(sentence))
            self._floor.playing += 1
        self._floor.quiet_since = self._seconds

    def _fall_quiet(self) -> None:
        self._floor.trainee_speaks = False
        self._floor.over_his_words = False
        self._floor.quiet_since = self._seconds
