"""The connection behind a leg in a browser: when it stands, and when it is over."""

from __future__ import annotations

import asyncio
import logging

from audio.pcm import SILENCE, Frame
from dialer.leg import Ended, HangupCause
from dialer.webrtc_peer import Peer, PeerNews
from dialer.webrtc_sound import Reserve

log = logging.getLogger(__name__)

SILENT_TURNS = 175
"""Without any sound or sign of life for 3.5 s the page is gone: a busy computer is not."""
CLOSING_SECONDS = 2.0


class Link:
    """A connection that ends once, for the first reason there is."""

    def __init__(self, address: str) -> None:
        loop = asyncio.get_running_loop()
        self.connected: asyncio.Future[None] = loop.create_future()
        self.over: asyncio.Future[Ended] = loop.create_future()
        self._heard = Reserve()
        self._silent_turns = 0
        self._peer = Peer(address, PeerNews(self._stands, self._listen, self._lives, self._lost))

    async def answer(self, offer: str) -> str:
        """Return the answer to an offer; raises OfferError or what the engine has against it."""
        return await self._peer.answer(offer)

    def turn(self, said: Frame) -> Frame:
        """Say 20 ms and return what was heard meanwhile; ends when nothing comes for so long."""
        self._silent_turns += 1
        if self._silent_turns > SILENT_TURNS:
            self.end(Ended(HangupCause.MEDIA_LOST, reason="the page has fallen silent"))
        self._peer.send(said)
        return self._heard.take() or SILENCE

    def end(self, ended: Ended) -> None:
        """End for this reason, unless it has ended for another."""
        if not self.over.done():
            self.over.set_result(ended)

    async def close(self) -> None:
        """Let go of the connection, telling the page if it is still there."""
        try:
            async with asyncio.timeout(CLOSING_SECONDS):
                await self._peer.close()
        except Exception as error:
            # However it goes, the leg has ended and its conversation must learn so.
            log.warning("a connection to a page did not close cleanly: %r", error)

    def _stands(self) -> None:
        if not self.connected.done():
            self.connected.set_result(None)

    def _listen(self, frame: Frame) -> None:
        self._silent_turns = 0
        self._heard.add(frame)

    def _lives(self) -> None:
        self._silent_turns = 0
        self._peer.beat()

    def _lost(self, closed: bool) -> None:
        if closed:
            self.end(Ended(HangupCause.THEY_HUNG_UP, reason="the page was closed"))
        else:
            self.end(Ended(HangupCause.MEDIA_LOST, reason="the connection to the page broke"))
