/* Printing, where there is a script to ask for it. */
(() => {
  "use strict";
  for (const button of window.prm.$$("[data-prm-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
})();
