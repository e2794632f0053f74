"""The audio bridge of pjsip: places to listen at and to speak from, and who hears whom.

pjsua2 knows no port of ours without Python on the media thread, so the ports are made by the C
library underneath it.
"""

from __future__ import annotations

import ctypes

from audio.pcm import FRAME_BYTES, FRAME_SAMPLES, SAMPLE_BYTES, SAMPLE_RATE
from dialer.capture import RING_BYTES, CaptureError, Ear, find_ring
from dialer.voice import SilentFile, Voice, VoicePort, find_player

FRAME_MILLISECONDS = 20
_POOL_BYTES = RING_BYTES + 8192
"""Room for a port and its buffer in one piece."""


class _BridgeFrame(ctypes.Structure):
    """pjmedia_frame (pjmedia/frame.h)."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("buf", ctypes.c_void_p),
        ("size", ctypes.c_size_t),
        ("timestamp", ctypes.c_uint64),
        ("bit_info", ctypes.c_uint32),
    )


_AUDIO = 1
"""PJMEDIA_FRAME_TYPE_AUDIO."""
_SAMPLE_BITS = 8 * SAMPLE_BYTES


class Bridge:
    """The audio bridge of the running endpoint; only on the SIP thread."""

    def __init__(self, native: ctypes.CDLL) -> None:
        native.pjsua_pool_create.restype = ctypes.c_void_p
        native.pjsua_pool_create.argtypes = (ctypes.c_char_p, ctypes.c_size_t, ctypes.c_size_t)
        self._native = native
        silence = ctypes.c_void_p()
        pool = self._pool()
        self._check(
            native.pjmedia_null_port_create(
                pool, SAMPLE_RATE, 1, FRAME_SAMPLES, _SAMPLE_BITS, ctypes.byref(silence)
            )
        )
        self._silence = self._add(pool, silence)
        self._spare: list[VoicePort] = []

    def ear(self) -> Ear:
        """Return a new place of the bridge to listen at.

        Silence is joined to it for good, so that every ear gets a frame with each tick.
        """
        pool = self._pool()
        writer = ctypes.c_void_p()
        self._check(
            self._native.pjmedia_wav_writer_port_create(
                *(pool, b"/dev/null", SAMPLE_RATE, 1, FRAME_SAMPLES, _SAMPLE_BITS),
                *(0, ctypes.c_ssize_t(RING_BYTES), ctypes.byref(writer)),
            )
        )

        def write(frame: bytes) -> None:
            sound = ctypes.create_string_buffer(frame, len(frame))
            given = _BridgeFrame(_AUDIO, ctypes.addressof(sound), len(frame), 0, 0)
            self._check(self._native.pjmedia_port_put_frame(writer, ctypes.byref(given)))

        ring = find_ring(writer.value or 0, write)
        slot = self._add(pool, writer)
        self.join(self._silence, slot)
        return Ear(ring, slot)

    def voice(self) -> Voice:
        """Return what to speak with; nobody hears it yet."""
        return Voice(self._spare.pop() if self._spare else self._new_voice_port())

    def take_back(self, voice: Voice) -> None:
        """Take a voice that nobody hears any more."""
        voice.close()
        self._spare.append(voice.port)

    def join(self, source: int, sink: int) -> None:
        """Let what comes from one place of the bridge be heard at another."""
        self._check(self._native.pjsua_conf_connect(source, sink))

    def part(self, source: int, sink: int) -> None:
        """Let what comes from one place of the bridge no longer be heard at another."""
        self._check(self._native.pjsua_conf_disconnect(source, sink))

    def _new_voice_port(self) -> VoicePort:
        pool = self._pool()
        player = ctypes.c_void_p()
        file = SilentFile()
        self._check(
            self._native.pjmedia_wav_player_port_create(
                *(pool, file.path.encode(), FRAME_MILLISECONDS),
                *(0, ctypes.c_ssize_t(RING_BYTES), ctypes.byref(player)),
            )
        )

        def read() -> bytes:
            sound = ctypes.create_string_buffer(FRAME_BYTES)
            taken = _BridgeFrame(_AUDIO, ctypes.addressof(sound), FRAME_BYTES, 0, 0)
            self._check(self._native.pjmedia_port_get_frame(player, ctypes.byref(taken)))
            return sound.raw

        view = find_player(player.value or 0, file, read)
        return VoicePort(view, file, self._add(pool, player))

    def _pool(self) -> ctypes.c_void_p:
        pool = self._native.pjsua_pool_create(b"sound", _POOL_BYTES, 4096)
        if not pool:
            raise CaptureError("there is no memory left")
        return ctypes.c_void_p(pool)

    def _add(self, pool: ctypes.c_void_p, port: ctypes.c_void_p) -> int:
        slot = ctypes.c_int(-1)
        self._check(self._native.pjsua_conf_add_port(pool, port, ctypes.byref(slot)))
        return slot.value

    def _check(self, status: int) -> None:
        if status:
            raise CaptureError(f"the bridge of pjsip refused with status {status}")
