/* What calls an agent to the desk: a tone that comes again, the title of the tab, and a notification
 * while the page is out of sight.
 *
 *   MenlingBell.allow()                    asks once for notifications and sound; only after a click
 *   MenlingBell.show(offered, waiting)     at every pulse: is a call offered, and how many wait
 *
 *   <div data-bell_title="…" data-bell_text="…">   what a notification says; nobody's name
 */
"use strict";

(() => {
  const AGAIN_MS = 2500;
  const title = document.title;
  let context = null;
  let notification = null;
  let rungAt = 0;

  const words = (name) => document.querySelector("[data-bell_title]")?.dataset[name] ?? "";

  function allow() {
    context ??= new AudioContext();
    context.resume().catch(() => {});
    if (window.isSecureContext && window.Notification?.permission === "default") {
      window.Notification.requestPermission().catch(() => {});
    }
  }

  function show(offered, waiting) {
    document.title = offered ? `☎ ${title}` : waiting ? `(${waiting}) ${title}` : title;
    if (!offered) {
      notification?.close();
      notification = null;
      rungAt = 0;
    } else if (performance.now() - rungAt > AGAIN_MS || !rungAt) {
      if (!rungAt) notify();
      rungAt = performance.now();
      ring();
    }
  }

  function ring() {
    // Browsers play nothing on a page that nobody has clicked; the offer is seen there all the same.
    if (context?.state !== "running") return;
    const tone = context.createOscillator();
    const level = context.createGain();
    tone.frequency.value = 660;
    level.gain.value = 0.1;
    tone.connect(level).connect(context.destination);
    tone.start();
    tone.stop(context.currentTime + 0.25);
  }

  function notify() {
    if (!document.hidden || window.Notification?.permission !== "granted") return;
    notification = new window.Notification(words("bell_title"), {
      body: words("bell_text"),
      tag: "menling-offer",
      requireInteraction: true,
    });
    notification.addEventListener("click", () => {
      window.focus();
      notification?.close();
    });
  }

  window.MenlingBell = { allow, show };
})();
