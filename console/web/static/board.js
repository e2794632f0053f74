/*
The table of calls on the live board. The event `calls` brings the rows that are new or changed, and for
each call that is over <tr data-gone="ID">; <tr data-whole> says that there are no others.
*/
"use strict";

(() => {
  const table = document.getElementById("calls");
  const empty = document.getElementById("no-calls");
  const lost = document.querySelector('[data-live="lost"]');

  document.addEventListener("menling:live", (event) => {
    const { name, element } = event.detail;
    if (name === "lost") lost.hidden = false;
    if (name === "beat") lost.hidden = true;
    if (name !== "calls") return;
    const rows = [...element.content.children];
    if (rows.some((row) => "whole" in row.dataset)) table.replaceChildren();
    for (const row of rows) {
      if ("whole" in row.dataset) continue;
      if (row.dataset.gone) {
        document.getElementById(`call-${row.dataset.gone}`)?.remove();
        continue;
      }
      const before = document.getElementById(row.id);
      if (before) before.replaceWith(row); else table.append(row);
    }
    empty.hidden = table.children.length > 0;
  });
})();
