/* A clock that ticks once a second for the desk, also while nobody looks at its page. */
"use strict";

setInterval(() => postMessage("tick"), 1000);
