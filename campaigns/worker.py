"""Worker: a process that telephones. It takes orders, holds conversations and sends reports.

It knows nothing of the store: what it needs to know of a delivery comes with the order.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path

from asr.detectors import DetectorError, DetectorKind, voice_detector
from asr.enquiry import prepare as prepare_recognisers
from asr.listener import Listener
from asr.stream import RecognitionError, open_stream
from campaigns.checkpoints import Checkpoint, Point, pass_by
from campaigns.order import CallOrder, CallProgress, CallReport, CallStage, NoMoreCalls
from campaigns.speaking import SpeechSource, mark_recording, prepare_speech, speech_from
from campaigns.steady import steady_seconds
from campaigns.worker_loading import load_for_calls, load_published
from campaigns.worker_people import PeopleInCalls
from campaigns.worker_reports import not_held, report_of, speaks_of_unknown
from dialer.hold_sound import hold_wav
from dialer.leg import Answered, DialRequest, HangupCause, Ringing
from dialer.quiet_ports import quiet_block
from dialer.registration import with_address
from dialer.settings import SipSettings
from dialer.sip_thread import SipThread
from dialer.supervisor import Ready, Stop
from ivr.conversation import Conversation, Equipment, Notice
from ivr.flow import load_flow
from ivr.flow_model import Flow, FlowError
from ivr.flow_needs import unknown_to
from ivr.minutes import NeverAgain
from ivr.people import CallTurn, PeopleNews
from ivr.wording import all_prompts
from processes.outbox import Outbox
from tts.speech import Speech, SpeechError, Voice

log = logging.getLogger(__name__)

RTP_PORTS_PER_LEG = 4
"""RTP and RTCP, and as many again for a call that ends while the next begins."""
LAST_WORDS_SECONDS = 5.0
"""So long the engine may take to read what a worker that ends has still to say."""
RTP_BLOCKS = 4
"""A worker has several blocks of ports, so that after a restart it finds a silent one."""


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """What a worker is given when it starts."""

    sip: SipSettings
    """Of worker 0; the next one takes the next SIP port and RTP range."""
    recognizers: Mapping[str, tuple[Path, ...]]
    """Sockets of the recogniser processes, by language."""
    speech: SpeechSource
    voices: Mapping[str, Voice]
    """By language."""
    detector: DetectorKind = DetectorKind.WEBRTC
    log_file: Path | None = None
    people: Path | None = None
    """Folder for what a waiting customer hears; None: nobody comes into calls."""
    checkpoint: Checkpoint = pass_by
    """Is told how far each attempt came."""


def run_worker(settings: WorkerSettings, connection: Connection, number: int) -> None:
    """Live as worker `number` until told to stop; the entry point of the process."""
    if settings.log_file is not None:
        logging.basicConfig(
            filename=settings.log_file,
            level=logging.INFO,
            format=f"%(asctime)s worker-{number} %(levelname)s %(name)s %(message)s",
        )
    shipped = dict(load_for_calls())
    prepare_speech(settings.speech)
    sip = SipThread(_sip_of(settings.sip, number))
    sip.start()
    exit_code = 1
    try:
        asyncio.run(_Desk(settings, sip, connection, shipped).work(registers=number == 0))
        exit_code = 0
    except Exception:
        # The process ends below without a word, so what ended it is told here.
        log.exception("worker %d failed", number)
    finally:
        sip.stop()
        connection.close()
        logging.shutdown()
        # pjsip aborts when Python tears its objects down one by one.
        os._exit(exit_code)


def _sip_of(sip: SipSettings, number: int) -> SipSettings:
    block = sip.legs * RTP_PORTS_PER_LEG
    first = sip.rtp_port + number * RTP_BLOCKS * block
    return replace(
        sip,
        trunks=tuple(map(with_address, sip.trunks)),
        sip_port=sip.sip_port + number,
        rtp_port=quiet_block(sip.bound_address, first, RTP_BLOCKS, block),
        rtp_ports=block,
    )


class _Desk:
    """Where orders come in and reports go out."""

    def __init__(
        self,
        settings: WorkerSettings,
        sip: SipThread,
        connection: Connection,
        shipped: dict[tuple[str, str], Flow],
    ) -> None:
        self._settings = settings
        self._sip = sip
        self._connection = connection
        self._outbox = Outbox(connection, "to-engine", is_only_shown)
        self._stop = asyncio.Event()
        self._calls: set[asyncio.Task[None]] = set()
        self._flows = shipped
        self._people = _people(settings, sip, self._outbox.send)

    async def work(self, *, registers: bool = False) -> None:
        """Serve until told to stop or until nobody is at the other end any more.

        `registers`: with those trunks that want it, for all workers of this machine.
        """
        loop = asyncio.get_running_loop()
        await self._prepare_recognisers()
        loop.add_reader(self._connection.fileno(), self._read)
        self._outbox.send(Ready())
        if registers:
            self._sip.register(self._outbox.send)
        try:
            await self._stop.wait()
        finally:
            loop.remove_reader(self._connection.fileno())
            self._outbox.close(LAST_WORDS_SECONDS)

    async def _prepare_recognisers(self) -> None:
        """Have the recognisers make ready for every question, so that none costs time in a call."""
        for language, sockets in self._settings.recognizers.items():
            grammars = {
                state.question.phrases
                for flow in self._flows.values()
                for state in flow.script.states.values()
                if state.question and flow.language == language
            }
            try:
                await prepare_recognisers(sockets, grammars)
            except RecognitionError as error:
                log.warning("the recognisers of %s were not prepared: %s", language, error)

    def _read(self) -> None:
        try:
            message = self._connection.recv()
        except (EOFError, OSError):
            self._stop.set()
            return
        if isinstance(message, Stop):
            self._stop.set()
        elif isinstance(message, CallOrder):
            call = asyncio.get_running_loop().create_task(self._serve(message))
            self._calls.add(call)
            call.add_done_callback(self._calls.discard)
        elif self._people is not None:
            self._people.take(message)

    async def _serve(self, order: CallOrder) -> None:
        try:
            report = await self._call(order)
        except Exception as error:
            # One call's fault must neither end the others nor leave its attempt without a report.
            log.exception("attempt %d failed", order.attempt)
            report = not_held(order, HangupCause.CANCELLED, f"{type(error).__name__}: {error}")
        finally:
            if self._people is not None:
                self._people.over(order.attempt)
        self._outbox.send(report)
        self._settings.checkpoint(Point.REPORTED, order.attempt)

    async def _call(self, order: CallOrder) -> CallReport:
        """Prepare all that the call can need, then dial: a fault before it rings nobody."""
        self._settings.checkpoint(Point.ORDERED, order.attempt)
        try:
            flow = await asyncio.to_thread(self._flow, order)
            if unknown := unknown_to(order.facts, flow):
                return not_held(order, HangupCause.FAILED, speaks_of_unknown(flow, unknown))
            speech = self._speech(order.language)
            for say in all_prompts(flow, order.facts):
                await speech.wav(say.text, say.manner, say.pieces)
                # A sentence from the cache suspends nothing; other calls want their frames.
                await asyncio.sleep(0)
            detector = voice_detector(self._settings.detector)
            recognisers = self._recognisers(order.language)
            stream = await open_stream(recognisers)
            leg = await self._sip.next_leg()
        except (DetectorError, FlowError, SpeechError, RecognitionError, OSError) as error:
            return not_held(order, HangupCause.FAILED, str(error))
        desk = self._people.desk(order, recognisers) if self._people is not None else None

        def tell(notice: Notice) -> None:
            self._tell(order.attempt, notice, conversation.state)

        conversation = Conversation(
            leg,
            Equipment(Listener(stream, detector), speech, desk=desk),
            flow,
            order.facts,
            order.recording,
            tell,
        )
        if steady_seconds() >= order.dial_before:
            leg.hang_up()
            # Certainly never dialled, which is worth knowing whoever owns it now.
            return not_held(order, HangupCause.FAILED, "it was too late to dial: others may own it")
        self._outbox.send(CallProgress(order.attempt, CallStage.DIALING))
        self._settings.checkpoint(Point.INVITING, order.attempt)
        held = await conversation.hold(
            DialRequest(
                order.uri,
                order.ring_timeout,
                order.headers,
                call_id=order.call_id,
                trunk=order.trunk,
                caller_id=order.caller_id,
            )
        )
        self._settings.checkpoint(Point.ENDED, order.attempt)
        await self._mark(order)
        return report_of(order, flow, held)

    async def _mark(self, order: CallOrder) -> None:
        producer = self._settings.speech.producer
        try:
            await asyncio.to_thread(mark_recording, order.recording, order.attempt, producer)
        except Exception:
            # What was said matters more than its mark.
            log.exception("the recording of attempt %d could not be marked", order.attempt)

    def _flow(self, order: CallOrder) -> Flow:
        if order.flow_file is not None:
            return load_published(order.flow_file)
        key = (order.flow, order.language)
        if key not in self._flows:
            self._flows[key] = load_flow(*key)
        return self._flows[key]

    def _recognisers(self, language: str) -> tuple[Path, ...]:
        sockets = self._settings.recognizers.get(language)
        if not sockets:
            raise RecognitionError(
                f"No recogniser hears {language} here: nobody in the campaign spoke it when the "
                "run began. End the run and begin it again."
            )
        return sockets

    def _speech(self, language: str) -> Speech:
        voice = self._settings.voices.get(language)
        if voice is None:
            raise SpeechError(
                f"No voice is set for {language}; add one to [speech] in the settings."
            )
        return speech_from(self._settings.speech, voice)

    def _tell(self, attempt: int, notice: Notice, state: str) -> None:
        match notice:
            case Ringing():
                self._settings.checkpoint(Point.RINGING, attempt)
                progress = CallProgress(attempt, CallStage.RINGING)
            case Answered():
                self._settings.checkpoint(Point.ANSWERED, attempt)
                progress = CallProgress(attempt, CallStage.TALKING)
            case NeverAgain():
                self._outbox.send(NoMoreCalls(attempt))
                return
            case turn:
                words = turn.text or (f"[{turn.key}]" if turn.key else "")
                progress = CallProgress(attempt, CallStage.TALKING, turn.speaker, words)
                if self._people is not None:
                    self._outbox.send(CallTurn(attempt, turn, state))
        self._outbox.send(progress)


def is_only_shown(message: object) -> bool:
    """Answer whether a message may be lost, while the engine takes none, without harm to a call."""
    return isinstance(message, CallTurn | CallProgress)


def _people(
    settings: WorkerSettings, sip: SipThread, tell: Callable[[PeopleNews], None]
) -> PeopleInCalls | None:
    if settings.people is None:
        return None
    return PeopleInCalls(hold_wav(settings.people), sip, settings.detector, tell)
