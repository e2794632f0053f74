/* The agent's desk and the supervisor's page: what their buttons do.
 *
 *   <section data-desk="/desk/now" data-pulse="/desk/pulse" data-mark="…">   drawn anew when the mark changes
 *   <form data-order="/desk/accept" data-device="browser">                   sent as an order; a browser brings its sound
 *   <button data-mute data-hotkey="m">, <meter data-level="microphone">       the call's sound
 *   <p data-unheard hidden>, <span data-muted hidden>                        shown while that is so
 *   <div id="desk-words" data-failed="…" data-unreachable="…" data-audio_refused="…">   what it may have to say
 *
 * An order is answered {"done": true, "sdp"?} or, with status 409, {"refused": "why"}.
 */
"use strict";

(() => {
  const LEVEL_MS = 100;
  const READING_MS = 8000;
  const LOST_MS = 5000;
  const UNHEARD_MS = 6000;
  const words = (name) => document.getElementById("desk-words")?.dataset[name] ?? "";
  const csrf = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRF-Token"];
  let audio = null;
  let busy = false;
  let triedFor = "";  // the call of a campaign that was taken by itself last
  let looking = false;
  let outOfReach = false;
  let saidAt = 0;
  let heardAt = 0;

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
    }).catch(() => {
      outOfReach = true;
      throw new Error(words("unreachable"));
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

  /** Let no button do anything while an order is under way; whoever came by keyboard stays there. */
  function wait(isBusy, submitter) {
    busy = isBusy;
    document.querySelector("main").setAttribute("aria-busy", String(isBusy));
    for (const button of document.querySelectorAll("[data-order] button")) {
      if (isBusy) button.dataset.wasDisabled ??= String(button.disabled);
      button.disabled = isBusy || button.dataset.wasDisabled === "true";
      if (!isBusy) delete button.dataset.wasDisabled;
    }
    if (!isBusy && submitter?.isConnected && document.activeElement === document.body) submitter.focus();
  }

  async function order(form, submitter) {
    if (busy) return;
    say("");
    const fields = new URLSearchParams(new FormData(form, submitter));
    wait(true);
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
        heardAt = 0;
        document.body.classList.add("has-audio");
      }
      if (form.dataset.endsSound !== undefined) drop();
      if (form.dataset.then) window.location.assign(form.dataset.then);
      else await look(true);
    } catch (error) {
      telephone?.close();
      const told = error.name === "MenlingAudioError" ? words(`audio_${error.kind}`) : error.message;
      say(told || words("failed"));
      await look().catch(() => {});  // what was filled in stays where nothing changed
    } finally {
      wait(false, submitter);
    }
  }

  async function look(anew = false) {
    const desk = document.querySelector("[data-desk]");
    if (!desk) return;
    if (desk.dataset.pulse) {
      const response = await fetch(desk.dataset.pulse, {
        headers: { Accept: "application/json" },
        signal: AbortSignal.timeout(LOST_MS),
      });
      if (response.status === 401 || response.redirected) return window.location.reload();
      reached(response.ok);
      if (!response.ok) return;
      const pulse = await response.json();
      const waiting = document.getElementById("desk-waiting");
      if (waiting) waiting.textContent = pulse.waiting;
      if (pulse.panel === "off") localStorage.removeItem("menling-at-desk");
      else localStorage.setItem("menling-at-desk", "yes");
      window.MenlingBell.show(pulse.panel === "offered", pulse.waiting);
      if (!anew && pulse.mark === desk.dataset.mark) return answerByItself();
      if (pulse.panel !== desk.dataset.panel && performance.now() - saidAt > READING_MS) say("");
      if (pulse.panel !== "talking" && pulse.panel !== "offered") drop();
    } else if (!anew) {
      return;
    }
    const kept = written(desk);
    await window.htmx.ajax("GET", desk.dataset.desk, { target: desk, swap: "outerHTML" });
    writeAgain(kept);
    showMute();
    answerByItself();
  }

  /** Take a call of a campaign for whoever has chosen so; each is tried once, and a click still works. */
  function answerByItself() {
    const form = document.querySelector("form[data-auto]");
    if (!form || busy || form.dataset.auto === triedFor) return;
    triedFor = form.dataset.auto;
    form.requestSubmit(form.querySelector("button"));
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

  function drawLevels() {
    if (!audio) return;
    const levels = audio.levels();
    for (const meter of document.querySelectorAll("[data-level]")) {
      meter.value = levels[meter.dataset.level] ?? 0;
    }
    showUnheard(levels.microphone);
  }

  /** Say so when a microphone gives no sound at all: whoever is silent for a while is heard breathing. */
  function showUnheard(level) {
    const now = performance.now();
    if (!heardAt || audio.muted || !audio.connected) heardAt = now;
    if (level > 0) heardAt = Infinity;  // it works; from now on silence is a pause
    const unheard = audio.microphoneGone || now - heardAt > UNHEARD_MS;
    for (const each of document.querySelectorAll("[data-unheard]")) each.hidden = !unheard;
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
    for (const each of document.querySelectorAll("[data-muted]")) each.hidden = !audio?.muted;
  }

  /** Mark how a supervisor takes part now. */
  function showWay() {
    const own = document.querySelector("[data-own-mode]");
    if (!own) return;
    for (const button of document.querySelectorAll('button[name="way"]')) {
      button.setAttribute("aria-pressed", String(button.value === own.dataset.ownMode));
    }
    for (const each of document.querySelectorAll("[data-in-call]")) each.hidden = !own.dataset.ownMode;
  }

  function countDown() {
    const now = performance.now();
    for (const clock of document.querySelectorAll("[data-seconds-left]")) {
      clock.dataset.until ??= String(now + Number(clock.dataset.secondsLeft) * 1000);
      clock.textContent = String(Math.max(0, Math.ceil((Number(clock.dataset.until) - now) / 1000)));
    }
  }

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-order]");
    if (!form || event.defaultPrevented) return;  // somebody thought better of it
    event.preventDefault();
    window.MenlingBell.allow();
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

  document.addEventListener("htmx:afterSwap", showWay);
  showWay();

  window.addEventListener("beforeunload", (event) => {
    if (audio) event.preventDefault();  // leaving the page hangs up
  });
  window.addEventListener("pagehide", drop);
  // By a worker: browsers let the timers of a page that nobody looks at run once a minute, and
  // an agent whose page says nothing is signed off.
  const clock = new Worker(document.getElementById("desk-words").dataset.clock);
  clock.addEventListener("message", () => {
    if (busy || looking) return;
    looking = true;
    look().catch(() => reached(false)).finally(() => { looking = false; });
  });
  setInterval(drawLevels, LEVEL_MS);
  setInterval(countDown, 1000);
  window.MenlingDesk = { sound: () => audio };
})();
