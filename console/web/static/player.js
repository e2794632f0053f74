/*
A recording with its waveform and its transcript: a click on either goes there, and the turn that is
being heard is lit. A field with data-play-position takes the second that is heard. The space bar starts and stops, outside of fields and buttons.
*/
"use strict";

(() => {
  const sound = document.getElementById("sound");
  if (!sound) return;
  const turns = [...document.querySelectorAll(".transcript > li")].map((line) => ({
    line, from: Number(line.dataset.from), to: Number(line.dataset.to),
  }));
  let played = null;

  function seek(seconds) {
    const go = () => { sound.currentTime = seconds; };
    if (sound.readyState > 0) go();
    else {
      sound.addEventListener("loadedmetadata", go, { once: true });
      sound.preload = "metadata";
    }
    sound.play().catch(() => {});
  }

  document.addEventListener("click", (event) => {
    const turn = event.target.closest("[data-seek]");
    if (turn) seek(Number(turn.dataset.seek));
  });
  document.getElementById("speed")?.addEventListener("change", (event) => {
    sound.playbackRate = Number(event.target.value);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== " " || event.target.closest("input, select, textarea, button, a, audio, summary")) return;
    event.preventDefault();
    if (sound.paused) sound.play().catch(() => {}); else sound.pause();
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    const drawing = event.target.querySelector?.(".waveform");
    if (!drawing || played) return;
    const box = drawing.viewBox.baseVal;
    const length = Number(drawing.dataset.seconds);
    played = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    played.setAttribute("class", "played");
    played.setAttribute("height", box.height);
    played.setAttribute("width", 0);
    drawing.append(played);
    played.dataset.scale = box.width / (length || 1);
    drawing.addEventListener("click", (click) => {
      const area = drawing.getBoundingClientRect();
      seek((click.clientX - area.left) / area.width * length);
    });
  });

  sound.addEventListener("timeupdate", () => {
    const at = sound.currentTime;
    played?.setAttribute("width", at * Number(played.dataset.scale));
    for (const { line, from, to } of turns) line.classList.toggle("lit", at >= from && at < to);
    const moment = document.querySelector("[data-play-position]");  // of a comment being written
    if (moment && moment !== document.activeElement) moment.value = at.toFixed(1);
  });
})();
