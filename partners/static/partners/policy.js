// Thresholds of the tier policy: dragged, or moved by arrow keys; the number field beside is the truth.
(() => {
  "use strict";

  const logOf = (svg, x) => {
    const { low, high, left, right } = svg.dataset;
    const part = Math.min(1, Math.max(0, (x - left) / (right - left)));
    return Number(low) + part * (high - low);
  };

  // One, two or five of the second figure: an amount that a person would choose.
  const round = (amount) => {
    const unit = 10 ** (Math.floor(Math.log10(amount)) - 1);
    return Math.max(unit, Math.round(amount / unit) * unit);
  };

  const set = (handle, amount, done) => {
    const field = document.getElementById(`id_${handle.dataset.handle}`);
    if (!field) return;
    field.value = String(Math.round(amount * 100) / 100);
    if (done) field.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const place = (svg, event) => {
    const box = svg.getBoundingClientRect();
    return ((event.clientX - box.left) / box.width) * svg.viewBox.baseVal.width;
  };

  document.addEventListener("pointerdown", (event) => {
    const handle = event.target.closest("[data-handle]");
    if (!handle) return;
    const svg = handle.closest("[data-prm-histogram]");
    handle.setPointerCapture(event.pointerId);
    const move = (moved) => {
      const x = place(svg, moved);
      handle.setAttribute("transform", `translate(${x - handle.dataset.x} 0)`);
      set(handle, round(Math.exp(logOf(svg, x))), false);
    };
    const stop = (ended) => {
      handle.removeEventListener("pointermove", move);
      set(handle, round(Math.exp(logOf(svg, place(svg, ended)))), true);
    };
    handle.addEventListener("pointermove", move);
    handle.addEventListener("pointerup", stop, { once: true });
    event.preventDefault();
  });

  let moved = "";
  document.addEventListener("keydown", (event) => {
    const handle = event.target.closest?.("[data-handle]");
    const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 };
    if (!handle || !(event.key in steps)) return;
    event.preventDefault();
    const now = Number(handle.getAttribute("aria-valuenow"));
    const next = round(now + steps[event.key] * 10 ** (Math.floor(Math.log10(now)) - 1));
    handle.setAttribute("aria-valuenow", String(next));
    moved = handle.dataset.handle;
    set(handle, next, true);
  });

  // The drawing is a new one after each answer: whoever moves a threshold by keys stays on it.
  document.addEventListener("htmx:afterSwap", () => {
    if (!moved) return;
    const all = [...document.querySelectorAll(`[data-handle="${moved}"]`)];
    all.find((one) => one.getClientRects().length)?.focus();
    moved = "";
  });
})();
