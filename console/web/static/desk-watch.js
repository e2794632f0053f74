/* Keeps an agent at the desk while they look something up on another page, and calls them back to it.
 *
 *   <div id="desk-watch" data-clock="…" hidden>   shown while a call is offered
 *
 * The desk's own page notes in this browser whether anybody is at the desk; others ask nothing.
 */
"use strict";

(() => {
  const place = document.getElementById("desk-watch");
  if (!place || localStorage.getItem("menling-at-desk") === null) return;
  const clock = new Worker(place.dataset.clock);
  let asking = false;

  async function look() {
    const response = await fetch("/desk/pulse", { headers: { Accept: "application/json" } });
    if (response.status === 401 || response.status === 403 || response.redirected) return clock.terminate();
    if (!response.ok) return;
    const pulse = await response.json();
    if (pulse.panel === "off") {
      localStorage.removeItem("menling-at-desk");
      clock.terminate();
    }
    place.hidden = pulse.panel !== "offered";
    window.MenlingBell.show(!place.hidden, pulse.waiting);
  }

  clock.addEventListener("message", () => {
    if (asking) return;
    asking = true;
    look().catch(() => {}).finally(() => { asking = false; });
  });
  document.addEventListener("click", () => window.MenlingBell.allow(), { once: true });
})();
