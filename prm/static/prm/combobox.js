/* One row of many, chosen by typing (components/combobox.html): options come from choose/<key>/ while one types.
   The hidden field has the id of the row chosen; leaving the field without choosing puts its words back. */
(() => {
  "use strict";
  const { $, $$ } = window.prm;
  const PAUSE = 200;
  const timers = new WeakMap();

  const boxOf = (element) => element.closest?.("[data-prm-combobox]");
  const partsOf = (box) => ({
    input: $("[role='combobox']", box), picked: $("[data-prm-picked]", box), list: $("[role='listbox']", box),
  });
  const optionsOf = (list) => $$("[role='option']", list);
  const chosenWords = (box) => box.dataset.words ?? (box.dataset.words = partsOf(box).picked.value ? partsOf(box).input.defaultValue : "");

  function close(box) {
    const { input, list } = partsOf(box);
    window.clearTimeout(timers.get(box));
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function mark(box, option) {
    const { input, list } = partsOf(box);
    for (const one of optionsOf(list)) one.setAttribute("aria-selected", String(one === option));
    if (!option) { input.removeAttribute("aria-activedescendant"); return; }
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  function show(box) {
    const { input, list } = partsOf(box);
    optionsOf(list).forEach((option, place) => { option.id = `${list.id}-${place}`; });
    if (document.activeElement !== input) return;
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    mark(box, input.value ? optionsOf(list)[0] : null);
  }

  function ask(box) {
    const { input, list } = partsOf(box);
    const words = input.value === chosenWords(box) ? "" : input.value;
    const url = `${document.body.dataset.prmHome}choose/${box.dataset.prmCombobox}/?q=${encodeURIComponent(words)}`;
    window.htmx.ajax("GET", url, { source: list, target: list, swap: "innerHTML" }).then(() => {
      if (input.value === words || words === "") show(box);
    });
  }

  function choose(box, value, words) {
    const { input, picked } = partsOf(box);
    const before = picked.value;
    picked.value = value;
    input.value = box.dataset.words = words;
    close(box);
    if (before === value) return;
    picked.dispatchEvent(new Event("input", { bubbles: true }));
    picked.dispatchEvent(new Event("change", { bubbles: true }));
  }

  document.addEventListener("input", (event) => {
    const box = boxOf(event.target);
    if (!box || event.target.type === "hidden" || !window.htmx) return;
    chosenWords(box);
    /* Where a new name is taken, other words are no longer the row that was chosen. */
    if ("prmNew" in box.dataset) { partsOf(box).picked.value = ""; box.dataset.words = ""; }
    window.clearTimeout(timers.get(box));
    timers.set(box, window.setTimeout(() => ask(box), PAUSE));
  });

  document.addEventListener("click", (event) => {
    const box = boxOf(event.target);
    const option = event.target.closest("[role='option']");
    if (box && option) choose(box, option.dataset.value, option.dataset.words);
    else if (box && event.target === partsOf(box).input && partsOf(box).list.hidden && window.htmx) ask(box);
  });
  /* A press on an option must not take the focus, or the field would be left before it is chosen. */
  document.addEventListener("mousedown", (event) => {
    if (event.target.closest(".prm-combobox-options")) event.preventDefault();
  });

  /* Before the filters and the sheet hear them: Enter chooses here, and Esc closes the options alone. */
  document.addEventListener("keydown", (event) => {
    const box = event.target.matches?.("[role='combobox']") ? boxOf(event.target) : null;
    if (!box) return;
    const { list } = partsOf(box);
    const options = optionsOf(list);
    const place = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) {
      event.preventDefault();
      if (list.hidden) { if (window.htmx) ask(box); return; }
      const next = (place + steps[event.key] + options.length) % options.length;
      mark(box, options[place < 0 && event.key === "ArrowUp" ? options.length - 1 : next]);
    } else if (event.key === "Enter" && !list.hidden && options[place]) {
      event.preventDefault();
      event.stopPropagation();
      choose(box, options[place].dataset.value, options[place].dataset.words);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopImmediatePropagation();
      close(box);
    }
  }, true);

  document.addEventListener("focusout", (event) => {
    const box = event.target.matches?.("[role='combobox']") ? boxOf(event.target) : null;
    if (!box) return;
    const { input } = partsOf(box);
    if (input.value.trim() === "") choose(box, "", "");
    else if (box.dataset.words !== undefined && partsOf(box).picked.value) input.value = chosenWords(box);
    close(box);
  });
  /* The words by themselves change nothing; only a choice does. */
  document.addEventListener("change", (event) => {
    if (event.target.matches?.("[role='combobox']")) event.stopImmediatePropagation();
  }, true);
})();
