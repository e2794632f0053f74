/* The browser as an agent's telephone: microphone and speaker of one call.
 *
 *   const audio = new MenlingAudio();
 *   const offer = await audio.offer();      // asks for the microphone; place the order with it
 *   await audio.accept(answer);             // the SDP in the order's answer
 *   audio.muted = true;
 *   audio.levels();                         // {microphone, speaker}, 0 to 1, for a meter
 *   audio.close();
 *
 *   audio.microphoneGone;                   // unplugged: another one is used once there is one
 *
 * Events: "connected", "lost" (the call is gone, whoever ended it), both at most once.
 * One object is one call. Nothing but this machine and the one that answers is ever asked.
 */
"use strict";

class MenlingAudioError extends Error {
  /** `kind` is "insecure", "refused", "missing", "busy", "unsupported" or "failed". */
  constructor(kind, cause) {
    super(kind, { cause });
    this.name = "MenlingAudioError";
    this.kind = kind;
  }
}

class MenlingAudio extends EventTarget {
  static BEAT_MS = 500;
  static SILENT_MS = 4000;
  static QUIETEST_DB = -60;
  static GATHERING_MS = 3000;

  #connection = null;
  #microphone = null;
  #context = null;
  #meters = {};
  #element = null;
  #channel = null;
  #timer = 0;
  #lastBeat = 0;
  #closed = false;
  #microphoneGone = false;
  #options;

  /**
   * Options: `microphone`, `speaker` (device ids; absent: the default ones), and
   * `echoCancellation`, `noiseSuppression`, `autoGainControl` (true unless told otherwise).
   */
  constructor(options = {}) {
    super();
    this.#options = {
      echoCancellation: true,
      noiseSuppression: true,
      autoGainControl: true,
      ...options,
    };
  }

  /** Return the devices to choose from: {microphones, speakers}, each [{id, label}]. */
  static async devices() {
    if (!navigator.mediaDevices) return { microphones: [], speakers: [] };
    const all = await navigator.mediaDevices.enumerateDevices();
    const of = (kind) =>
      all.filter((each) => each.kind === kind).map(({ deviceId, label }) => ({ id: deviceId, label }));
    return { microphones: of("audioinput"), speakers: of("audiooutput") };
  }

  /** Ask for the microphone and return the offer (SDP); throws MenlingAudioError. */
  async offer() {
    this.#microphone = await this.#openMicrophone();
    const connection = new RTCPeerConnection({ iceServers: [], bundlePolicy: "max-bundle" });
    this.#connection = connection;
    for (const track of this.#microphone.getAudioTracks()) {
      connection.addTrack(track, this.#microphone);
      this.#watch(track);
    }
    this.#channel = connection.createDataChannel("beats");
    this.#channel.addEventListener("open", () => this.#beginBeats());
    this.#channel.addEventListener("message", () => (this.#lastBeat = performance.now()));
    this.#channel.addEventListener("close", () => this.#lose());
    connection.addEventListener("track", (event) => this.#play(event.streams[0], event.track));
    connection.addEventListener("connectionstatechange", () => this.#follow());
    await connection.setLocalDescription();
    await this.#gathered();
    return connection.localDescription.sdp;
  }

  /** Take the answer (SDP) and let sound flow; throws MenlingAudioError. */
  async accept(answer) {
    try {
      await this.#connection.setRemoteDescription({ type: "answer", sdp: answer });
    } catch (error) {
      this.close();
      throw new MenlingAudioError("failed", error);
    }
  }

  get muted() {
    return !this.#microphone?.getAudioTracks().some((track) => track.enabled);
  }

  set muted(muted) {
    for (const track of this.#microphone?.getAudioTracks() ?? []) track.enabled = !muted;
  }

  get microphoneGone() {
    return this.#microphoneGone;
  }

  get connected() {
    return this.#connection?.connectionState === "connected";
  }

  /** Return how loud both sides are now, each from 0 (silent) to 1 (full scale). */
  levels() {
    return {
      microphone: this.muted ? 0 : this.#level("microphone"),
      speaker: this.#level("speaker"),
    };
  }

  /** End the call here and give the microphone back; harmless when it is over. */
  close() {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    this.#connection?.close();
    for (const track of this.#microphone?.getTracks() ?? []) track.stop();
    if (this.#element) this.#element.srcObject = null;
    this.#context?.close();
  }

  async #openMicrophone() {
    if (!window.isSecureContext) throw new MenlingAudioError("insecure");
    if (!navigator.mediaDevices || !window.RTCPeerConnection) {
      throw new MenlingAudioError("unsupported");
    }
    const { microphone, echoCancellation, noiseSuppression, autoGainControl } = this.#options;
    const wanted = { echoCancellation, noiseSuppression, autoGainControl, channelCount: 1 };
    if (microphone) wanted.deviceId = { exact: microphone };
    try {
      return await navigator.mediaDevices.getUserMedia({ audio: wanted });
    } catch (error) {
      const kinds = {
        NotAllowedError: "refused",
        SecurityError: "refused",
        NotFoundError: "missing",
        OverconstrainedError: "missing",
        NotReadableError: "busy",
      };
      throw new MenlingAudioError(kinds[error.name] ?? "failed", error);
    }
  }

  /** Go on with another microphone when this one is pulled out, as soon as there is one. */
  #watch(track) {
    track.addEventListener("ended", () => {
      this.#microphoneGone = true;
      this.#replace();
    });
  }

  async #replace() {
    if (this.#closed) return;
    const wasMuted = this.#microphone.getAudioTracks().some((track) => !track.enabled);
    try {
      const another = await this.#openMicrophone();
      const [track] = another.getAudioTracks();
      if (this.#closed) return track.stop();
      track.enabled = !wasMuted;
      await this.#connection.getSenders()[0].replaceTrack(track);
      this.#microphone = another;
      this.#microphoneGone = false;
      this.#watch(track);
      if (this.#context) this.#meters.microphone = this.#meter(another);
    } catch {
      navigator.mediaDevices.addEventListener("devicechange", () => this.#replace(), { once: true });
    }
  }

  #gathered() {
    const connection = this.#connection;
    if (connection.iceGatheringState === "complete") return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => connection.iceGatheringState === "complete" && resolve();
      connection.addEventListener("icegatheringstatechange", done);
      setTimeout(resolve, MenlingAudio.GATHERING_MS);
    });
  }

  #play(stream, track) {
    const incoming = stream ?? new MediaStream([track]);
    // Web Audio alone stays silent for a remote stream in Chromium: an element must pull it.
    this.#element = new Audio();
    this.#element.autoplay = true;
    this.#element.srcObject = incoming;
    if (this.#options.speaker && this.#element.setSinkId) {
      this.#element.setSinkId(this.#options.speaker).catch(() => {});
    }
    this.#element.play().catch(() => {});
    this.#context = new AudioContext();
    this.#context.resume().catch(() => {});
    this.#meters.speaker = this.#meter(incoming);
    this.#meters.microphone = this.#meter(this.#microphone);
  }

  #meter(stream) {
    const analyser = this.#context.createAnalyser();
    analyser.fftSize = 1024;
    this.#context.createMediaStreamSource(stream).connect(analyser);
    return analyser;
  }

  #level(side) {
    const analyser = this.#meters[side];
    if (!analyser) return 0;
    const wave = new Float32Array(analyser.fftSize);
    analyser.getFloatTimeDomainData(wave);
    const power = wave.reduce((sum, value) => sum + value * value, 0) / wave.length;
    const decibels = 10 * Math.log10(power + 1e-12);
    return Math.min(1, Math.max(0, 1 - decibels / MenlingAudio.QUIETEST_DB));
  }

  #beginBeats() {
    this.#lastBeat = performance.now();
    this.#timer = setInterval(() => {
      if (performance.now() - this.#lastBeat > MenlingAudio.SILENT_MS) this.#lose();
      else if (this.#channel.readyState === "open") this.#channel.send("beat");
    }, MenlingAudio.BEAT_MS);
  }

  #follow() {
    const state = this.#connection.connectionState;
    if (state === "connected") this.dispatchEvent(new Event("connected"));
    else if (state === "failed" || state === "closed") this.#lose();
  }

  #lose() {
    if (this.#closed) return;
    this.close();
    this.dispatchEvent(new Event("lost"));
  }
}

window.MenlingAudio = MenlingAudio;
window.MenlingAudioError = MenlingAudioError;
