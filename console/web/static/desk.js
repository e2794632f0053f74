/* The agent's desk and the supervisor's page: what their buttons do.
 *
 *   <section data-desk="/desk/now" data-pulse="/desk/pulse" data-mark="…">   drawn anew when the mark changes
 *   <form data-order="/desk/accept" data-device="browser">                   sent as an order; a browser brings its sound
 *   <button data-mute data-hotkey="m">, <meter data-level="microphone">       the call's sound
 *   <div id="desk-words" data-failed="…" data-unreachable="…" data-audio_refused="…">   what it may have to say
 *
 * An order is answered {"done": true, "sdp"?} or, with status 409, {"refused": "why"}.
 */
"use strict";

(() => {
  const PULSE_MS = 1000;
  const LEVEL_MS = 100;
  const READING_MS = 8000;
  const words = (name) => document.getElementById("desk-words")?.dataset[name] ?? "";
  const csrf = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRF-Token"];
  let audio = null;
  let busy = false;
  let outOfReach = false;
  let saidAt = 0;
  const title = document.title;

  function say(text) {
    const place = document.getElementById("desk-news");
    place.textContent = text;
    place.hidden = !text;
    saidAt = performance.now();
  }

  function reached(isReached) {
    if (!isReached) say(words("unreachable"));
    else if (outOfReach) say("");
    outOfReach = !isReached;
  }

  async function send(url, fields) {
    const response = await fetch(url, {
      method: "POST",
      headers: { "X-CSRF-Token": csrf(), Accept: "application/json" },
      body: new URLSearchParams(fields),
    });
    let told = {};
    try {
      told = await response.json();
    } catch {
      /* an error page is not JSON */
    }
    if (response.ok) return told;
    throw new Error(told.refused || told.detail || words("failed"));
  }

  function drop() {
    audio?.close();
    audio = null;
    document.body.classList.remove("has-audio");
  }

  async function withSound(fields) {
    drop();
    const telephone = new window.MenlingAudio();
    telephone.addEventListener("lost", () => {
      if (audio === telephone) drop();
    });
    fields.append("offer_sdp", await telephone.offer());
    return telephone;
  }

  async function order(form, submitter) {
    if (busy) return;
    busy = true;
    say("");
    const fields = new URLSearchParams(new FormData(form, submitter));
    let telephone = null;
    try {
      if (form.dataset.device === "browser" && !(audio && form.dataset.keepSound !== undefined)) {
        telephone = await withSound(fields);
      }
      const told = await send(form.dataset.order, fields);
      if (telephone) {
        if (!told.sdp) throw new Error(words("failed"));
        await telephone.accept(told.sdp);
        audio = telephone;
        document.body.classList.add("has-audio");
      }
      if (form.dataset.endsSound !== undefined) drop();
      if (form.dataset.then) window.location.assign(form.dataset.then);
      else await look(true);
    } catch (error) {
      telephone?.close();
      const told = error.name === "MenlingAudioError" ? words(`audio_${error.kind}`) : error.message;
      say(told || words("failed"));
      await look();  // what was filled in stays where nothing changed
    } finally {
      busy = false;
    }
  }

  async function look(anew = false) {
    const desk = document.querySelector("[data-desk]");
    if (!desk) return;
    if (desk.dataset.pulse) {
      const response = await fetch(desk.dataset.pulse, { headers: { Accept: "application/json" } });
      if (response.status === 401 || response.redirected) return window.location.reload();
      reached(response.ok);
      if (!response.ok) return;
      const pulse = await response.json();
      const waiting = document.getElementById("desk-waiting");
      if (waiting) waiting.textContent = pulse.waiting;
      if (!anew && pulse.mark === desk.dataset.mark) return;
      if (pulse.panel !== desk.dataset.panel && performance.now() - saidAt > READING_MS) say("");
      if (pulse.panel !== "offered") document.title = title;
      else if (desk.dataset.panel !== "offered") ring();
      if (pulse.panel !== "talking" && pulse.panel !== "offered") drop();
    } else if (!anew) {
      return;
    }
    const kept = written(desk);
    await window.htmx.ajax("GET", desk.dataset.desk, { target: desk, swap: "outerHTML" });
    writeAgain(kept);
    showMute();
  }

  /** What somebody has begun to write or opened, so that drawing anew takes nothing from them. */
  function written(desk) {
    const fields = [...desk.querySelectorAll("input[id], select[id], textarea[id]")];
    const changed = fields.filter((field) => field.dataset.touched !== undefined);
    return {
      panel: desk.dataset.panel,
      talk: talkOfForm(desk),
      values: changed.map((field) => [field.id, field.value]),
      open: [...desk.querySelectorAll("details[open][id]")].map((each) => each.id),
      focus: desk.contains(document.activeElement) ? document.activeElement.id : "",
    };
  }

  const talkOfForm = (desk) => desk.querySelector('[data-order="/desk/form"] [name="transfer"]')?.value;

  function writeAgain(kept) {
    const desk = document.querySelector("[data-desk]");
    // What was written about one customer never comes into the form of another.
    if (!desk || (kept.talk ? kept.talk !== talkOfForm(desk) : kept.panel !== desk.dataset.panel)) return;
    for (const id of kept.open) document.getElementById(id)?.setAttribute("open", "");
    for (const [id, value] of kept.values) {
      const field = document.getElementById(id);
      if (!field) continue;
      field.value = value;
      field.dataset.touched = "";
    }
    if (kept.focus) document.getElementById(kept.focus)?.focus();
  }

  function ring() {
    try {
      const context = new AudioContext();
      const tone = context.createOscillator();
      const level = context.createGain();
      tone.frequency.value = 660;
      level.gain.value = 0.1;
      tone.connect(level).connect(context.destination);
      tone.start();
      tone.stop(context.currentTime + 0.25);
      tone.addEventListener("ended", () => context.close());
    } catch {
      /* a browser without sound still shows the offer */
    }
    document.title = `☎ ${title}`;
  }

  function drawLevels() {
    if (!audio) return;
    const levels = audio.levels();
    for (const meter of document.querySelectorAll("[data-level]")) {
      meter.value = levels[meter.dataset.level] ?? 0;
    }
  }

  function toggleMute() {
    if (!audio) return;
    audio.muted = !audio.muted;
    showMute();
  }

  function showMute() {
    for (const button of document.querySelectorAll("[data-mute]")) {
      button.setAttribute("aria-pressed", String(audio?.muted ?? false));
    }
  }

  function countDown() {
    for (const clock of document.querySelectorAll("[data-seconds-left]")) {
      const left = Math.max(0, Number(clock.dataset.secondsLeft) - 1);
      clock.dataset.secondsLeft = String(left);
      clock.textContent = String(left);
    }
  }

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-order]");
    if (!form || event.defaultPrevented) return;  // somebody thought better of it
    event.preventDefault();
    order(form, event.submitter);
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-mute]")) toggleMute();
  });

  document.addEventListener("change", (event) => {
    const choice = event.target.closest("[data-shows]");
    if (!choice) return;
    const shown = document.getElementById(choice.dataset.shows);
    if (shown) shown.hidden = choice.value !== choice.dataset.when;
  });

  document.addEventListener("input", (event) => {
    event.target.dataset.touched = "";
  });

  document.addEventListener("keydown", (event) => {
    // A key that already led somewhere, as after `g`, is no order; nor is one that is held down.
    if (event.defaultPrevented || event.repeat || document.querySelector("dialog[open]")) return;
    if (event.target.closest("input, textarea, select") || event.metaKey || event.ctrlKey) return;
    const button = document.querySelector(`[data-hotkey="${CSS.escape(event.key.toLowerCase())}"]`);
    if (!button || event.altKey) return;
    event.preventDefault();
    button.click();
  });

  window.addEventListener("beforeunload", (event) => {
    if (audio) event.preventDefault();  // leaving the page hangs up
  });
  window.addEventListener("pagehide", drop);
  setInterval(() => busy || look().catch(() => reached(false)), PULSE_MS);
  setInterval(drawLevels, LEVEL_MS);
  setInterval(countDown, 1000);
  window.MenlingDesk = { sound: () => audio };
})();
