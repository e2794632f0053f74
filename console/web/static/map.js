/* A drawing that is drawn anew stays where it was scrolled to. */
"use strict";

(() => {
  let place = null;
  document.addEventListener("htmx:beforeSwap", () => {
    const map = document.querySelector(".map");
    place = map && { left: map.scrollLeft, top: map.scrollTop };
  });
  document.addEventListener("htmx:afterSettle", () => {
    const map = document.querySelector(".map");
    if (map && place) map.scrollTo(place.left, place.top);
  });
})();
