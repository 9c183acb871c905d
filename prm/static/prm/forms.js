/* What is typed in forms (.prm-form, or [data-prm-draft]) is kept in this browser until it is saved, discarded or its
   person signs out: by person and by the address of the form, which names the tenant. Passwords, secrets and files
   are never kept; data-prm-no-draft leaves out a field or a form. */
(() => {
  "use strict";
  const { $, $$ } = window.prm;
  const PREFIX = "prm-draft:";
  const KEPT_DAYS = 14;
  const DAY = 86400000;
  const PAUSE = 400;
  const FORMS = "form.prm-form, form[data-prm-draft]";
  const NEVER = ["hidden", "password", "file", "submit", "button", "image", "reset"];
  const person = document.body.dataset.prmPerson;
  const mine = `${PREFIX}${person}:`;
  const started = new WeakMap(); /* form → what is known of its draft */

  const read = (key) => {
    try { return JSON.parse(window.localStorage.getItem(mine + key)); } catch { return null; }
  };
  const write = (key, value) => {
    try { window.localStorage.setItem(mine + key, JSON.stringify(value)); return true; } catch { return false; }
  };
  const drop = (name) => {
    try { window.localStorage.removeItem(name); } catch { /* storage is switched off */ }
  };
  const forget = (key) => drop(mine + key);
  const kept = (beginning) => {
    try { return Object.keys(window.localStorage).filter((name) => name.startsWith(beginning)); } catch { return []; }
  };

  const forms = () => $$(FORMS).filter((form) => form.method === "post" && !form.matches("[data-prm-no-draft]"));

  /* Where the form is sent; where one leads to afterwards makes no other form of it. */
  function addressOf(form) {
    const sent = form.getAttribute("hx-post") || form.getAttribute("action");
    const url = new URL(sent || (form.closest("#sheet") && $("#sheet-dialog").dataset.url) || "", window.location.href);
    url.searchParams.delete("next");
    return url.pathname + url.search;
  }
  function keyOf(form) {
    const address = addressOf(form);
    const place = forms().filter((other) => addressOf(other) === address).indexOf(form);
    return place > 0 ? `${address}#${place}` : address;
  }

  /* A password that is shown is an ordinary text to the browser, and still a password. */
  const isKept = (field) =>
    field.name && (field.matches("[data-prm-picked]") || !NEVER.includes(field.type)) &&
    !field.matches("[data-prm-no-draft], [data-prm-no-draft] *, .prm-password *");
  const isTick = (field) => field.type === "checkbox" || field.type === "radio";

  /* Only what a person changed is kept, so that a draft brings no old values back over newer ones. */
  function isChanged(field, picks) {
    if (isTick(field)) return field.checked !== field.defaultChecked;
    if (picks.has(field)) return field.value !== picks.get(field);
    if (!field.options) return field.value !== field.defaultValue;
    const options = [...field.options];
    if (!field.multiple && !options.some((option) => option.defaultSelected)) return field.selectedIndex > 0;
    return options.some((option) => option.selected !== option.defaultSelected);
  }

  function collect(form, { known, picks }) {
    const fields = [...form.elements].filter(isKept);
    for (const field of fields) if (isChanged(field, picks)) known.add(field.name);
    const values = {};
    for (const field of fields.filter(({ name }) => known.has(name))) {
      values[field.name] ??= [];
      if (field.multiple && field.options) values[field.name].push(...[...field.selectedOptions].map(({ value }) => value));
      else if (!isTick(field) || field.checked) values[field.name].push(field.value);
    }
    return values;
  }

  function restore(form, values) {
    for (const field of form.elements) {
      if (!isKept(field) || !(field.name in values)) continue;
      const typed = values[field.name];
      if (isTick(field)) field.checked = typed.includes(field.value);
      else if (field.multiple && field.options) for (const option of field.options) option.selected = typed.includes(option.value);
      else field.value = typed[0] ?? "";
      /* What was filled in is shown, not hidden in a closed part. */
      for (let part = field.closest("details"); part && form.contains(part); part = part.parentElement.closest("details")) part.open = true;
    }
    for (const box of $$("[data-prm-combobox]", form)) {
      box.dataset.words = $("[data-prm-picked]", box).value ? $("[role='combobox']", box).value : "";
    }
  }

  const say = (form, words) => {
    const note = $("[data-prm-draft-note]", form.closest("dialog") || form);
    if (note) note.textContent = words;
  };

  function offerDiscard(form, state) {
    const notice = $("#draft-notice").content.cloneNode(true).firstElementChild;
    $("[data-prm-discard]", notice).addEventListener("click", () => {
      forget(state.key);
      state.known.clear();
      form.reset();
      for (const [field, value] of state.picks) field.value = value;
      for (const box of $$("[data-prm-combobox]", form)) delete box.dataset.words;
      notice.remove();
      say(form, "Discarded");
      $(".prm-field :is(input, select, textarea)", form)?.focus();
    });
    form.prepend(notice);
  }

  function stopWaiting(state) {
    window.clearTimeout(state.timer);
    state.timer = 0;
  }
  function keep(form, more = {}) {
    const state = started.get(form);
    stopWaiting(state);
    const values = collect(form, state);
    if (!Object.keys(values).length) return false;
    return write(state.key, { at: Date.now(), values, ...more });
  }

  function start(form) {
    if (started.has(form)) return;
    const key = keyOf(form);
    const draft = read(key);
    const picks = new Map($$("[data-prm-picked]", form).map((field) => [field, field.value]));
    const state = { key, picks, timer: 0, known: new Set(Object.keys(draft?.values || {})) };
    started.set(form, state);
    /* A form that came back with errors already holds what was typed. */
    if (draft && !$("[aria-invalid='true'], [role='alert']", form)) {
      restore(form, draft.values);
      offerDiscard(form, state);
    }
    form.addEventListener("input", () => {
      window.clearTimeout(state.timer);
      state.timer = window.setTimeout(() => { if (keep(form)) say(form, "Draft saved"); }, PAUSE);
    });
    form.addEventListener("submit", () => keep(form, { sent: true }));
  }

  const startAll = () => forms().forEach(start);
  const keepAll = () => { for (const form of forms()) if (started.get(form)?.timer) keep(form); };

  /* The server names the form that it saved in a cookie (prm.ui.http.mark_saved). Where it does not, because of no
     signal, a session that has ended or an error, the draft stays. */
  function settle() {
    const saved = /(?:^|; )prm_saved=([^;]*)/.exec(document.cookie);
    if (!saved) return;
    document.cookie = "prm_saved=; path=/; max-age=0";
    const address = decodeURIComponent(saved[1]);
    for (const name of kept(mine)) {
      const key = name.slice(mine.length);
      if (key.split(/[?#]/)[0] === address && read(key)?.sent) forget(key);
    }
  }
  function clearOld() {
    for (const name of kept(PREFIX)) {
      let at = 0;
      try { at = JSON.parse(window.localStorage.getItem(name)).at; } catch { /* not ours to read: old */ }
      if (!(Date.now() - at < KEPT_DAYS * DAY)) drop(name);
    }
  }

  if (!person) return;

  document.addEventListener("submit", (event) => {
    if (!(event.target.getAttribute("action") || "").endsWith("/logout/")) return;
    for (const form of forms()) if (started.has(form)) stopWaiting(started.get(form));
    kept(mine).forEach(drop);
  });
  document.addEventListener("click", (event) => {
    const cancel = event.target.closest("a[data-prm-cancel]");
    const state = cancel && started.get(cancel.closest("form"));
    if (!state) return;
    stopWaiting(state);
    forget(state.key);
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (started.has(event.detail.elt)) say(event.detail.elt, "Saving");
  });
  document.addEventListener("htmx:sendError", (event) => {
    if (started.has(event.detail.elt)) say(event.detail.elt, "No signal. Your draft is kept.");
  });
  document.addEventListener("htmx:beforeOnLoad", settle);
  document.addEventListener("prm:sheet", startAll);
  window.addEventListener("pagehide", keepAll);

  settle();
  clearOld();
  if (document.body.dataset.prmHome) startAll();
})();
