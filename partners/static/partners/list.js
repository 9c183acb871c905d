/* The bar of a selection: how many and how much, all of the page, up to here, none; folding groups. Without it the boxes
   and buttons of the bar are a form as any other. */
(() => {
  "use strict";
  const { $, $$ } = window.prm;
  const form = $("#selection");
  const bar = $("[data-prm-bulk]");
  if (!form || !bar) return;
  const boxes = () => $$(".prm-col-check input[name=id]", form);
  const ticked = () => boxes().filter((box) => box.checked);
  const all = $("[data-prm-bulk-all]", bar);
  const money = new Intl.NumberFormat(undefined, { style: "currency", currency: bar.dataset.currency, notation: "compact", maximumSignificantDigits: 3 });
  let last = null;

  function name() {
    for (const box of boxes()) {
      const link = $(".prm-col-name a", box.closest("tr"));
      if (link) box.setAttribute("aria-label", `Select ${link.textContent.trim()}`);
    }
  }
  function count() {
    const chosen = ticked();
    const worth = chosen.reduce((sum, box) => sum + Number(box.dataset.worth || 0), 0);
    $("[data-prm-bulk-count]", bar).textContent = all.checked ? "All selected" : `${chosen.length} selected`;
    $("[data-prm-bulk-worth]", bar).textContent = all.checked ? "" : `${money.format(worth)}, 12 months`;
    const page = $("[data-prm-select-page]", form);
    if (page) page.checked = chosen.length > 0 && chosen.length === boxes().length;
  }
  function clear() {
    for (const box of boxes()) box.checked = false;
    all.checked = false;
    last = null;
    count();
  }
  /* With the shift key all rows from the one before to here are as this one is. */
  function upTo(box) {
    const found = boxes();
    const [from, to] = [found.indexOf(last), found.indexOf(box)].sort((a, b) => a - b);
    if (from >= 0) found.slice(from, to + 1).forEach((one) => { one.checked = box.checked; });
  }
  form.addEventListener("click", (event) => {
    const box = event.target.closest(".prm-col-check input[name=id]");
    if (!box) return;
    if (event.shiftKey && last) upTo(box);
    last = box;
  });
  form.addEventListener("change", (event) => {
    if (event.target.matches("[data-prm-select-page]")) for (const box of boxes()) box.checked = event.target.checked;
    if (event.target.matches(".prm-col-check input") && all.checked) all.checked = false;
    count();
  });
  $("[data-prm-bulk-clear]", bar).addEventListener("click", clear);
  document.addEventListener("keydown", (event) => {
    const inField = event.target.closest("input:not([type=checkbox]), textarea, select");
    if ($("dialog[open]") || inField) return;
    if (event.key === "Escape" && (ticked().length || all.checked)) clear();
    if (event.key.toUpperCase() !== "X" || event.ctrlKey || event.metaKey || document.body.dataset.keys === "off") return;
    const row = document.activeElement.closest("tr") || $("[data-cursor='here']");
    const box = row && $(".prm-col-check input[name=id]", row);
    if (!box) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    box.checked = event.shiftKey && last ? true : !box.checked;
    if (event.shiftKey && last) upTo(box);
    last = box;
    all.checked = false;
    count();
  }, true);
  /* What an act needs is asked in the sheet; without it the form leads to a page of its own. */
  bar.addEventListener("click", (event) => {
    const button = event.target.closest("button[formaction]");
    if (!button || !window.htmx) return;
    event.preventDefault();
    window.htmx.ajax("POST", button.getAttribute("formaction"), { source: form, values: Object.fromEntries(fields()), target: "#sheet", swap: "innerHTML" });
  });
  function fields() {
    const data = new FormData(form);
    const ids = data.getAll("id").join(" ");
    data.delete("id");
    return [...data.entries(), ["id", ids]];
  }
  form.addEventListener("click", (event) => {
    const fold = event.target.closest("[data-prm-fold]");
    if (!fold) return;
    const isOpen = fold.getAttribute("aria-expanded") === "true";
    fold.setAttribute("aria-expanded", String(!isOpen));
    for (const row of $$("tr:not(.prm-group)", fold.closest("tbody"))) row.hidden = isOpen;
  });
  /* What is shown is what "all" means. */
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.id !== "list" && !$("#list", form)) return;
    $("[data-prm-bulk-query]", bar).value = window.location.search;
    const total = $("[data-prm-total]", form);
    if (total) {
      $("[name=said]", bar).value = total.dataset.prmTotal;
      all.nextSibling.textContent = ` all ${Number(total.dataset.prmTotal).toLocaleString()}`;
    }
    name();
    count();
  });
  name();
  count();
})();
