/* Keyboard (docs/ui.md, section 9). Single letters are off in fields and where the profile says so;
   Esc and Ctrl+Enter always work. */
(() => {
  "use strict";
  const { $, $$ } = window.prm;
  const letters = document.body.dataset.keys !== "off";
  const visible = (element) => element.checkVisibility ? element.checkVisibility() : true;
  const inField = (element) => element.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
  const scope = () => $("dialog[open]") || document;
  const firstVisible = (selector, root = scope()) => $$(selector, root).find(visible);
  /* What stands in a closed menu of the page, or on the phone's bar, has its key all the same. */
  const reachable = (element) =>
    visible(element) || element.matches(".prm-bar-primary") || Boolean(element.closest(".prm-actions details[data-prm-menu]"));

  /* J K: a cursor over rows. Inside tables these are body rows that lead somewhere. */
  const rows = () => $$("[data-prm-cursor] tbody > tr[data-href], [data-prm-cursor]:not(table) > [data-href], [data-prm-cursor] > [data-prm-row], [data-prm-cursor] tbody > tr[data-prm-row]").filter(visible);
  const here = () => $("[data-cursor='here']");
  function move(step) {
    const all = rows();
    if (!all.length) return false;
    const at = all.indexOf(here());
    const next = all[Math.min(all.length - 1, Math.max(0, at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step))];
    if (here()) here().removeAttribute("data-cursor");
    next.setAttribute("data-cursor", "here");
    next.scrollIntoView({ block: "nearest" });
    /* What the row is about comes before its box: Enter opens, X ticks. */
    const link = $("a[href]", next) || $("a, button, summary, input", next);
    if (link) link.focus({ preventScroll: true });
    return true;
  }
  function open() {
    const row = here();
    if (!row || !(document.activeElement === document.body || row.contains(document.activeElement))) return false;
    if (document.activeElement.closest("button, summary, input, a:not([href])")) return false;
    if (!row.dataset.href) return false;
    const link = $$("a[href]", row).find((one) => one.getAttribute("href") === row.dataset.href);
    if (link) link.click();
    else window.location.assign(row.dataset.href);
    return true;
  }

  /* A letter acts on the row that has the focus or the cursor first, then on the page. */
  function press(letter) {
    const selector = `[data-key="${CSS.escape(letter)}"]`;
    const row = document.activeElement.closest("[data-prm-row], [data-prm-about], [data-prm-about-of] tr[data-href]") || here();
    const ofRow = row && firstVisible(selector, row);
    const wanted = ofRow || firstUndecided(selector) || firstVisible(selector) || $$(selector, scope()).find(reachable);
    if (!wanted) return false;
    if (wanted.matches("input[type=radio]")) return decide(wanted);
    if (!ofRow && row && openAbout(wanted, row)) return true;
    if (wanted.matches("input:not([type=checkbox]):not([type=radio]), textarea, select")) wanted.focus();
    else { wanted.click(); if (wanted.matches("summary")) focusInside(wanted.parentElement); }
    return true;
  }
  /* Choices of many rows (data-prm-choices): a key answers the row with the focus, else the first that is open; the
     focus goes to the next open one, or to the field of a third value. */
  const group = (radio) => $$("input[type=radio]", radio.form).filter((one) => one.name === radio.name);
  const isOpen = (radio) => !group(radio).some((one) => one.checked);
  const firstUndecided = (selector) => $$(`[data-prm-choices] input[type=radio]${selector}`, scope()).filter(visible).find(isOpen);
  function decide(radio) {
    const isChanged = !isOpen(radio) && !radio.closest("[data-prm-choices]");
    radio.click();
    /* One that had an answer already is changed, and the next row of its form is at hand. */
    if (isChanged) return toNextRow(radio);
    const third = $("[data-prm-third]", radio.closest("tr"));
    const next = third || $$("[data-prm-choices] input[type=radio]", scope()).filter(visible).find(isOpen) || $("[data-prm-save]", radio.form) || radio;
    next.focus();
    return true;
  }
  function toNextRow(radio) {
    const rowsOfForm = $$("[data-prm-row]", radio.form);
    const next = rowsOfForm[rowsOfForm.indexOf(radio.closest("[data-prm-row]")) + 1];
    const field = next ? $("input:checked", next) || $("input", next) : $("[data-prm-save]", radio.form);
    (field || radio).focus();
    return true;
  }
  /* A page that takes a partner is opened for the partner of the row. */
  function openAbout(control, row) {
    /* In a list with boxes the box of the row says whom it is about (data-prm-about-of). */
    const box = $("input[name=id]", row);
    const kind = row.closest("[data-prm-about-of]")?.dataset.prmAboutOf;
    const about = new URLSearchParams(row.dataset.prmAbout || (kind && box ? `${kind}=${box.value}` : ""));
    const value = control.href && about.get(control.dataset.prmTakes || "");
    if (!value) return false;
    const url = new URL(control.href);
    url.searchParams.set(control.dataset.prmTakes, value);
    if (control.matches("[data-prm-sheet]") && window.prm.openSheet) window.prm.openSheet(url.href, document.activeElement);
    else window.location.assign(url.href);
    return true;
  }
  function focusInside(menu) {
    const first = menu.open && $("input:not([type=hidden]), select, textarea", menu);
    if (first) first.focus();
  }
  const follow = (rel) => { const link = firstVisible(`a[rel="${rel}"]`); if (link) link.click(); return Boolean(link); };

  /* The list of keys this page has. */
  function showKeys() {
    const dialog = $("#keys-dialog");
    if (!dialog || dialog.open) return false;
    const list = $("[data-prm-keylist]", dialog);
    const line = (keys, words) => {
      const term = document.createElement("dt");
      for (const key of keys) {
        const cap = document.createElement("kbd");
        cap.className = "prm-kbd";
        cap.textContent = key;
        term.append(cap);
      }
      const text = document.createElement("dd");
      text.textContent = words;
      list.append(term, text);
    };
    list.replaceChildren();
    line(["?"], "this list");
    if ($("[data-prm-search]")) line(["Ctrl", "K"], "search or jump to");
    for (const link of $$("[data-go]").filter(visible)) line(["G", link.dataset.go], link.querySelector("span").textContent.trim());
    if (rows().length) { line(["J", "K"], "move"); line(["↵"], "open"); }
    if (firstVisible("a[rel='prev'], a[rel='next']")) line(["[", "]"], "previous, next");
    const seen = new Set();
    for (const control of $$("[data-key]").filter(reachable)) {
      if (seen.has(control.dataset.key) || control.dataset.key.length > 1) continue;
      seen.add(control.dataset.key);
      const copy = control.cloneNode(true);
      $$("kbd, svg", copy).forEach((part) => part.remove());
      line([control.dataset.key], (control.getAttribute("aria-label") || copy.textContent).trim());
    }
    line(["Ctrl", "↵"], "save a form");
    line(["Esc"], "close, the draft is kept");
    dialog.showModal();
    return true;
  }
  for (const button of $$("[data-prm-keys]")) {
    button.hidden = false;
    button.addEventListener("click", showKeys);
  }

  let afterG = 0;
  function letter(key) {
    if (Date.now() - afterG < 1500) {
      afterG = 0;
      const link = $(`[data-go="${CSS.escape(key.toUpperCase())}"]`);
      if (link) { link.click(); return true; }
    }
    switch (key) {
      case "?": return showKeys();
      case "g": case "G": afterG = Date.now(); return true;
      case "j": case "J": return move(1);
      case "k": case "K": return move(-1);
      case "Enter": return open();
      case "[": return follow("prev");
      case "]": return follow("next");
      default: return /^[a-zA-Z0-9/]$/.test(key) && press(key.toUpperCase());
    }
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = event.target.closest("form") || $("#sheet form");
      const save = (form && $("[data-prm-save]", form)) || firstVisible("[data-prm-save], [data-key='Mod+Enter']");
      if (save) { event.preventDefault(); save.click(); }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (!letters || inField(event.target)) return;
    if (letter(event.key)) event.preventDefault();
  });
})();
