/* Forms with data-prm-draft="key" keep what was typed in this browser until it is saved. */
(() => {
  "use strict";
  const { $, $$ } = window.prm;
  const PREFIX = "prm-draft:";
  const KEPT_DAYS = 14;
  const DAY = 86400000;

  const read = (key) => {
    try { return JSON.parse(window.localStorage.getItem(PREFIX + key)); } catch { return null; }
  };
  const write = (key, value) => {
    try { window.localStorage.setItem(PREFIX + key, JSON.stringify(value)); return true; } catch { return false; }
  };
  const forget = (key) => {
    try { window.localStorage.removeItem(PREFIX + key); } catch { /* storage is switched off */ }
  };

  const isKept = (field) =>
    field.name && (field.matches("[data-prm-picked]") || !["hidden", "password", "file", "submit", "button"].includes(field.type)) && !field.matches("[data-prm-no-draft]");

  function collect(form) {
    const values = {};
    for (const field of form.elements) {
      if (!isKept(field)) continue;
      if (field.type === "checkbox" || field.type === "radio") {
        values[field.name] ??= [];
        if (field.checked) values[field.name].push(field.value);
      } else if (field.multiple) {
        values[field.name] = [...field.selectedOptions].map((option) => option.value);
      } else {
        values[field.name] = [field.value];
      }
    }
    return values;
  }

  function restore(form, values) {
    for (const field of form.elements) {
      if (!isKept(field) || !(field.name in values)) continue;
      const kept = values[field.name];
      if (field.type === "checkbox" || field.type === "radio") field.checked = kept.includes(field.value);
      else if (field.multiple) for (const option of field.options) option.selected = kept.includes(option.value);
      else field.value = kept[0] ?? "";
    }
    /* What was filled in is shown, not hidden in a closed part. */
    for (const part of $$("details.prm-expander", form)) {
      if ($$("input, textarea, select", part).some((field) => isKept(field) && (field.type === "radio" || field.type === "checkbox" ? field.checked !== field.defaultChecked : field.value !== field.defaultValue && field.value))) part.open = true;
    }
  }

  const say = (form, words) => {
    const note = $("[data-prm-draft-note]", form.closest("dialog") || document);
    if (note) note.textContent = words;
  };

  function start(form) {
    if (form.dataset.prmDraftOn) return;
    form.dataset.prmDraftOn = "yes";
    const key = form.dataset.prmDraft;
    const draft = read(key);
    /* A form that came back with errors already holds what was typed. */
    const refused = $("[aria-invalid='true'], [role='alert']", form);
    if (draft && !refused) { restore(form, draft.values); say(form, "Draft restored"); }
    let timer = 0;
    form.addEventListener("input", () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(() => {
        if (write(key, { at: Date.now(), values: collect(form) })) say(form, "Draft saved");
      }, 400);
    });
    form.addEventListener("submit", () => {
      window.clearTimeout(timer);
      write(key, { at: Date.now(), sent: true, values: collect(form) });
    });
  }

  const startAll = () => $$("form[data-prm-draft]").forEach(start);

  /* Saved: the sheet closes, or the next page says so in a toast and does not show the form again.
     Without such a sign (no signal, a server error) the draft stays. */
  function settle() {
    let keys = [];
    try { keys = Object.keys(window.localStorage).filter((key) => key.startsWith(PREFIX)).map((key) => key.slice(PREFIX.length)); } catch { return; }
    const shown = new Set($$("form[data-prm-draft]").map((form) => form.dataset.prmDraft));
    for (const key of keys) {
      const draft = read(key);
      const old = !draft || Date.now() - draft.at > KEPT_DAYS * DAY;
      if (old || (draft.sent && !shown.has(key) && document.body.dataset.prmSaved)) forget(key);
    }
  }
  document.body.addEventListener("prm:close-sheet", () => {
    const form = $("#sheet form[data-prm-draft]");
    if (form) forget(form.dataset.prmDraft);
  }, true);
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.matches?.("form[data-prm-draft]")) say(event.detail.elt, "Saving");
  });
  document.addEventListener("htmx:sendError", (event) => {
    if (event.detail.elt.matches?.("form[data-prm-draft]")) say(event.detail.elt, "No signal. Your draft is kept.");
  });
  document.addEventListener("prm:sheet", startAll);

  startAll();
  settle();
})();
