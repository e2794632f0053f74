/*
What every page does by itself. Pages say what they want by attributes:

  data-search           `/` leads to this field
  data-key="b"          `g` then `b` follows this link
  data-open="ID"        opens the dialog ID
  data-confirm="…"      on a form: asks before it is sent
  data-submit           on a select or checkbox: sends its form when it changes
  data-copy="ID"        copies the text of ID
  data-since="ISO time" counts up from there: 0:08, 2:05, 1:03:00
  data-stream="/path"   on one element of a page: takes server-sent events from there. Each element within
                        (or the element itself) with data-live="NAME" shows the newest event NAME, which is HTML.
Other scripts may listen for `menling:live` on document: { detail: { name, element } } after each event.
*/
"use strict";

(() => {
  const body = document.body;
  const RETRY_AFTER = 3000;

  // Keys
  let leading = false;
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
    if (leading) {
      leading = false;
      const link = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
      if (link) { event.preventDefault(); link.click(); }
    } else if (event.key === "g") {
      leading = true;
      setTimeout(() => { leading = false; }, 1500);
    } else if (event.key === "/") {
      const field = document.querySelector("[data-search]");
      if (field) { event.preventDefault(); field.focus(); }
    } else if (event.key === "?") {
      document.getElementById("keys")?.showModal();
    }
  });

  // Clicks, changes and forms
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open]");
    if (opener) document.getElementById(opener.dataset.open)?.showModal();
    const copier = event.target.closest("[data-copy]");
    if (copier) copy(copier);
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
  });
  document.addEventListener("submit", (event) => {
    const question = event.target.dataset.confirm;
    if (question && !window.confirm(question)) event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  async function copy(button) {
    const source = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
      button.textContent = body.dataset.copiedText;
    } catch {
      const range = document.createRange();  // no clipboard without HTTPS: select it instead
      range.selectNodeContents(source);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
    }
  }

  function notice(text, kind) {
    const line = document.createElement("p");
    line.className = `notice ${kind}`;
    line.textContent = text;
    document.getElementById("notices").append(line);
  }
  document.addEventListener("htmx:sendError", () => notice(body.dataset.failedText, "bad"));

  // Counters: by the server's clock, not by that of this computer
  const ahead = Date.now() - Date.parse(body.dataset.now);
  const two = (number) => String(number).padStart(2, "0");
  function count() {
    for (const each of document.querySelectorAll("[data-since]")) {
      const seconds = Math.max(0, Math.floor((Date.now() - ahead - Date.parse(each.dataset.since)) / 1000));
      const hours = Math.floor(seconds / 3600), minutes = Math.floor(seconds / 60) % 60;
      const text = hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
      if (each.textContent !== text) each.textContent = text;
    }
  }
  count();
  setInterval(count, 1000);
  document.addEventListener("htmx:afterSwap", count);

  // What is asked for again and again: drawn when it has changed, and not under a pressed button,
  // whose click would go nowhere.
  const drawn = new WeakMap();
  let pressed = null;
  addEventListener("pointerdown", (event) => { pressed = event.target; }, true);
  for (const over of ["pointerup", "pointercancel"]) addEventListener(over, () => { pressed = null; }, true);
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { requestConfig, target, serverResponse, shouldSwap } = event.detail;
    const asks = requestConfig?.elt;
    if (shouldSwap && asks?.getAttribute("hx-trigger")?.includes("every")) {
      if (drawn.get(asks) === serverResponse || target.contains(pressed)) event.detail.shouldSwap = false;
      else drawn.set(asks, serverResponse);
    }
    if (event.detail.shouldSwap) keepPlace();
  });

  // Transcripts: the newest words are in sight unless somebody scrolled back
  let place = null;
  function keepPlace() {
    const list = document.querySelector(".turns");
    const atEnd = !list || list.scrollHeight - list.scrollTop - list.clientHeight < 40;
    place = atEnd ? null : list.scrollTop;
  }
  function showPlace() {
    const list = document.querySelector(".turns");
    if (list) list.scrollTop = place ?? list.scrollHeight;
  }
  showPlace();
  document.addEventListener("htmx:afterSwap", showPlace);

  // What is live
  const streaming = document.querySelector("[data-stream]");
  if (streaming) follow(streaming);

  function follow(element) {
    const shown = new Map();
    const names = new Set([...element.querySelectorAll("[data-live]"), element].map((each) => each.dataset.live).filter(Boolean));
    const source = new EventSource(element.dataset.stream);
    source.addEventListener("open", () => state(true));
    source.addEventListener("error", () => {
      state(false);
      // Closed for good: the console is away, or nobody is signed in any more.
      if (source.readyState === EventSource.CLOSED) setTimeout(() => again(element), RETRY_AFTER);
    });
    for (const name of names) {
      source.addEventListener(name, (event) => {
        if (shown.get(name) === event.data) return;
        shown.set(name, event.data);
        for (const target of document.querySelectorAll(`[data-live="${CSS.escape(name)}"]`)) show(target, event.data, name);
      });
    }
    addEventListener("pagehide", () => source.close());
    addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  }

  function show(target, html, name) {
    const focused = target.contains(document.activeElement) ? document.activeElement.id : "";
    target.innerHTML = html;  // made by our own templates, which escape
    if (focused) document.getElementById(focused)?.focus();
    window.htmx?.process(target);
    count();
    document.dispatchEvent(new CustomEvent("menling:live", { detail: { name, element: target } }));
  }

  async function again(element) {
    try {
      const answer = await fetch(location.href, { redirect: "manual", cache: "no-store" });
      if (answer.ok) follow(element); else location.reload();
    } catch {
      setTimeout(() => again(element), RETRY_AFTER);
    }
  }

  function state(alive) {
    const sign = document.getElementById("live-state");
    sign.hidden = false;
    sign.classList.toggle("lost", !alive);
    const text = alive ? body.dataset.liveText : body.dataset.lostText;
    if (sign.textContent !== text) sign.textContent = text;
  }
})();
