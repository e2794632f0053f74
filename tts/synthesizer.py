"""pyttsx3 on espeak-ng: one sentence in, telephone sound out. The only importer of pyttsx3.

pyttsx3 tells less than it knows, so every result is checked: `runAndWait` may come back before
the sound is written; parameters and sentences given while espeak-ng is still busy are dropped or
cut; a voice id it doesn't know leaves an empty WAV or the voice of the job before.
"""

from __future__ import annotations

import io
import threading
import wave
from contextlib import redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep

import pyttsx3
from pyttsx3.drivers import _espeak
from pyttsx3.engine import Engine

from processes.sole import EngineTakenError, claim
from tts.loudness import level_for
from tts.script import script_for
from tts.shaping import telephone
from tts.speech import PLAIN, Manner, SpeechError, Voice
from tts.stretch import SLOW_RATE

_LEAST_SECONDS = 0.05


class Synthesizer:
    """One engine, used by one thread of one process; it is rebuilt after a broken result."""

    def __init__(self, patience_seconds: float = 10.0) -> None:
        self._patience_seconds = patience_seconds
        self._finished = threading.Event()
        self._errors: list[str] = []
        self._build()

    def speak(self, text: str, voice: Voice, manner: Manner = PLAIN) -> bytes:
        """Return the telephone sound of one sentence.

        Raises SpeechError when the text can't be said, the voice isn't there, or the engine gave
        an empty or broken WAV.
        """
        script = script_for(text, voice)
        try:
            return self._sound(script, voice, manner)
        except SpeechError:
            self._build()
            raise

    def _build(self) -> None:
        # pyttsx3.init gives the living engine back, and a dying one disconnects its successor
        if hasattr(self, "_engine"):
            del self._engine
        try:
            claim("libespeak-ng", "the synthesiser of pyttsx3")
        except EngineTakenError as error:
            raise SpeechError(str(error)) from error
        try:
            self._engine: Engine = pyttsx3.init("espeak")
        except (OSError, RuntimeError, ImportError, KeyError) as error:
            raise SpeechError(
                f"espeak-ng can't be started ({error}); install it: apt-get install espeak-ng"
            ) from error
        self._engine.connect("finished-utterance", self._on_finished)
        self._engine.connect("error", self._on_error)
        self._engine.runAndWait()  # until its first run an engine only queues what it is told

    def _on_finished(self, completed: bool, **_more: object) -> None:
        if completed:
            self._finished.set()

    def _on_error(self, exception: Exception, **_more: object) -> None:
        self._errors.append(str(exception))

    def _sound(self, script: str, voice: Voice, manner: Manner) -> bytes:
        with TemporaryDirectory(prefix="menling-tts-") as directory:
            wav = Path(directory) / "sentence.wav"
            self._errors.clear()
            self._finished.clear()
            self._idle()
            self._engine.setProperty("voice", voice.name)
            rate = round(voice.rate * SLOW_RATE) if manner.slow else voice.rate
            self._engine.setProperty("rate", rate)
            self._engine.setProperty("volume", voice.volume)
            self._idle()
            self._check_voice(voice)
            self._engine.save_to_file(script, str(wav))
            with redirect_stdout(io.StringIO()):  # pyttsx3 prints where it saved
                self._engine.runAndWait()
                spoken = self._finished.wait(self._patience_seconds)
            self._idle()
            if not spoken:
                raise SpeechError("espeak-ng did not finish the sentence; it is started anew")
            return _checked(wav, level_for(loud=manner.loud))

    def _idle(self) -> None:
        """Wait until espeak-ng has taken all that was given to it; nothing tells when."""
        until = monotonic() + self._patience_seconds
        while _espeak.IsPlaying():
            if monotonic() > until:
                raise SpeechError("espeak-ng stays busy; it is started anew")
            sleep(0.001)

    def _check_voice(self, voice: Voice) -> None:
        chosen = str(self._engine.getProperty("voice"))
        if self._errors or chosen.lower() != voice.name.lower():
            raise SpeechError(
                f"espeak-ng has no voice {voice.name!r}; choose one that `espeak-ng --voices` "
                "lists in its column File"
            )


def _checked(path: Path, level_dbov: float) -> bytes:
    try:
        with wave.open(str(path), "rb") as wav:
            rate = wav.getframerate()
            whole = wav.getsampwidth() == 2 and wav.getnchannels() == 1
            pcm = wav.readframes(wav.getnframes())
    except (OSError, wave.Error, EOFError) as error:
        raise SpeechError(f"espeak-ng left no sound ({error}); check the disk") from error
    sound = telephone(pcm, rate, level_dbov) if whole else b""
    if len(sound) < _LEAST_SECONDS * 16000:
        raise SpeechError("espeak-ng gave an empty sound; check the voice and the text")
    return sound
