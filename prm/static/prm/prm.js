/* The page without a framework: links that open rows and sheets, toasts, menus, polling, filters.
   Everything here improves pages that work without it. Shared helpers live on window.prm. */
(() => {
  "use strict";

  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const isPlainClick = (event) =>
    event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;

  window.prm = { $, $$, isPlainClick };

  /* Rows: the whole row opens what its name links to. Text selection and inner controls win. */
  document.addEventListener("click", (event) => {
    const row = event.target.closest("[data-href]");
    if (!row || event.defaultPrevented || event.button !== 0) return;
    if (event.target.closest("a, button, input, label, select, textarea, summary, details")) return;
    if (String(window.getSelection())) return;
    const href = row.dataset.href;
    if (!href || href === "None") return;
    if (event.metaKey || event.ctrlKey) window.open(href, "_blank", "noopener");
    else window.location.assign(href);
  });

  let typing = 0; /* the timer of a search being typed; any other question answers it too */

  /* List links (sorting, paging, chips) swap #list instead of loading the page. */
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-prm-list-link]");
    if (!link || !window.htmx || !isPlainClick(event) || !$("#list")) return;
    event.preventDefault();
    window.clearTimeout(typing);
    window.htmx.ajax("GET", link.href, { source: $("#list"), target: "#list", swap: "outerHTML", push: "true" })
      .then(() => {
        if (document.activeElement === document.body) ($(".prm-filters summary") || $("#main")).focus();
      });
  });

  /* Filter form: ask on change and while typing; leave empty fields out of the URL. */
  const askFilters = (form) => {
    window.clearTimeout(typing);
    if (window.htmx) window.htmx.trigger(form, "prm:filter");
  };
  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form && "prmFilters" in form.dataset && event.target.closest("#filter-fields")) askFilters(form);
  });
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (!form || !("prmFilters" in form.dataset) || event.target.type !== "search") return;
    window.clearTimeout(typing);
    typing = window.setTimeout(() => askFilters(form), 300);
  });
  document.addEventListener("htmx:configRequest", (event) => {
    if (!("prmFilters" in event.detail.elt.dataset)) return;
    const data = event.detail.formData;
    for (const name of [...new Set(data.keys())]) {
      /* Words of a field in which a row was chosen say nothing that its id does not. */
      const said = name.endsWith("_words") && data.get(name.slice(0, -6));
      const values = said ? [] : data.getAll(name).filter((value) => value !== "");
      data.delete(name);
      values.forEach((value) => data.append(name, value));
    }
  });
  document.addEventListener("submit", (event) => {
    if (!("prmFilters" in event.target.dataset)) return;
    const menu = $("details[open]", event.target);
    if (menu) menu.open = false;
  });

  /* Menus: one open at a time; a click outside or Esc closes. */
  document.addEventListener("click", (event) => {
    for (const menu of $$("details[data-prm-menu][open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = $("details[data-prm-menu][open]");
    if (!menu) return;
    menu.open = false;
    $("summary", menu).focus();
    event.stopImmediatePropagation();
    event.preventDefault();
  });

  /* Theme: seen at once; the form still saves it in the profile. */
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-prm-theme]");
    if (!button) return;
    if (button.value === "system") document.documentElement.removeAttribute("data-bs-theme");
    else document.documentElement.setAttribute("data-bs-theme", button.value);
  });

  /* Toasts go after 6 s; the clock stops while hovered or focused. */
  const STAY = 6000;
  function startToast(toast) {
    let timer = 0;
    const close = $("[data-prm-close-toast]", toast);
    const go = () => toast.remove();
    const wait = () => { timer = window.setTimeout(go, STAY); };
    const hold = () => window.clearTimeout(timer);
    if (close) { close.hidden = false; close.addEventListener("click", go); }
    toast.addEventListener("mouseenter", hold);
    toast.addEventListener("focusin", hold);
    toast.addEventListener("mouseleave", () => { if (!toast.contains(document.activeElement)) wait(); });
    toast.addEventListener("focusout", () => { hold(); wait(); });
    wait();
  }
  const toasts = () => $("#toasts");
  const first = toasts() ? $$("[data-prm-toast]", toasts()) : [];
  if (toasts()) {
    new MutationObserver((changes) => {
      for (const change of changes) {
        for (const node of change.addedNodes) if (node.matches && node.matches("[data-prm-toast]")) startToast(node);
      }
    }).observe(toasts(), { childList: true });
    /* A live region speaks only of what is added later: put the first ones in again. */
    if (first.length) {
      first.forEach((toast) => toast.remove());
      window.setTimeout(() => {
        first.forEach((toast) => toasts().append(toast));
        /* htmx has not seen them: a toast may poll for what is still being computed. */
        if (window.htmx) window.htmx.process(toasts());
      }, 100);
    }
  }

  /* Polling: [data-prm-poll="2000"] hears prm:poll at that pace, not while the page is hidden.
     The element ends it by being replaced with one that does not ask. A live page ([data-prm-live])
     asks each second, five times, after something was saved, and at once when it is looked at again. */
  const live = () => $("[data-prm-live]");
  const due = new WeakMap();
  let hurry = first.length ? 5 : 0;
  window.setInterval(() => {
    if (document.hidden || !window.htmx) return;
    for (const element of $$("[data-prm-poll]")) {
      const hurried = hurry > 0 && element === live();
      const pace = hurried ? 1000 : Number(element.dataset.prmPoll);
      const next = Math.min(due.get(element) ?? Infinity, Date.now() + pace);
      if (Date.now() < next) { due.set(element, next); continue; }
      due.set(element, Date.now() + pace);
      if (hurried) hurry -= 1;
      window.htmx.trigger(element, "prm:poll");
    }
  }, 250);
  document.body.addEventListener("prm:close-sheet", () => { hurry = 5; });
  document.addEventListener("visibilitychange", () => { if (live()) due.set(live(), 0); });
  /* The server then need not send a live page anew after a save (prm.ui.http.saved). */
  document.addEventListener("htmx:configRequest", (event) => {
    if (live()) event.detail.headers["PRM-Live"] = "yes";
  });
  /* Fragments of other apps renew themselves with the page; tables that were open stay open. */
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const opened = $$("details[open][id]", event.detail.target).map((details) => details.id);
    const fragment = event.detail.fragment;
    for (const id of opened) fragment.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", "");
    if (event.detail.target === live()) window.setTimeout(() => window.htmx.trigger(document.body, "prm:renewed"));
  });

  /* A fragment that does not come says so in its place, with a retry. */
  function fragmentFailed(event) {
    const element = event.detail.elt;
    const template = $("#fragment-error");
    if (!element.matches("[data-prm-fragment]") || !template) return;
    const piece = template.content.cloneNode(true);
    const retry = document.createElement("button");
    retry.type = "button";
    retry.className = "prm-btn";
    retry.textContent = "Try again";
    retry.addEventListener("click", () => {
      const url = element.getAttribute("hx-get");
      window.htmx.ajax("GET", url, { source: element, target: element, swap: element.getAttribute("hx-swap") || "innerHTML" });
    });
    $("div > div", piece).append(retry);
    element.replaceChildren(piece);
  }
  document.addEventListener("htmx:responseError", fragmentFailed);
  document.addEventListener("htmx:sendError", fragmentFailed);

  /* A post that fails says so: in the sheet above its form, else as a toast. What was typed stays. */
  const REASONS = { 0: "No signal. Try again when you are back.", 403: "You may not do this.", 404: "This is gone. Load the page again." };
  /* What the server says of a failure (prm/api/failures.py), without its number. */
  const told = (xhr) => new DOMParser().parseFromString(xhr.responseText || "", "text/html").querySelector("[data-prm-told]")
    ?.firstChild?.textContent.trim();
  function postFailed(event) {
    const { elt, requestConfig, xhr } = event.detail;
    if (requestConfig.verb === "get") return;
    const why = told(xhr) || REASONS[xhr.status] || `The server failed (${xhr.status}). Nothing was changed; try again.`;
    const sheet = elt.closest("#sheet");
    const piece = $(sheet ? "#failed-notice" : "#failed-toast").content.cloneNode(true).firstElementChild;
    $(sheet ? "p:last-child" : "[data-prm-why]", piece).append(why);
    if (!sheet) { toasts().append(piece); return; }
    $("[data-prm-failed]", sheet)?.remove();
    piece.dataset.prmFailed = "yes";
    piece.setAttribute("role", "alert");
    $(".prm-sheet-body", sheet).prepend(piece);
    piece.scrollIntoView({ block: "nearest" });
  }
  document.addEventListener("htmx:responseError", postFailed);
  document.addEventListener("htmx:sendError", postFailed);

  /* Undone from its toast: the toast has done its work. */
  document.addEventListener("htmx:afterRequest", (event) => {
    const toast = event.detail.successful && event.detail.requestConfig.verb === "post" && event.detail.elt.closest("[data-prm-toast]");
    if (!toast) return;
    if (toast.contains(document.activeElement)) $("#main").focus({ preventScroll: true });
    toast.remove();
  });

  /* Passwords can be shown. */
  for (const button of $$("[data-prm-reveal]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const field = document.getElementById(button.dataset.prmReveal);
      const show = field.type === "password";
      field.type = show ? "text" : "password";
      button.setAttribute("aria-pressed", String(show));
    });
  }

  /* Forms whose every choice must be made (data-prm-choices): what is left is counted beside the button, and what is
     typed as a third value chooses it. */
  for (const form of $$("[data-prm-choices]")) {
    const count = () => {
      const names = new Set($$("input[type=radio]", form).map((radio) => radio.name));
      const chosen = $$("input[type=radio]:checked", form).length;
      const words = $("[data-prm-chosen]", form);
      if (words) words.textContent = `${chosen} of ${names.size} field${names.size === 1 ? "" : "s"} chosen`;
      const save = $("[data-prm-save]", form);
      if (save) save.disabled = chosen < names.size;
    };
    form.addEventListener("input", (event) => {
      if (event.target.matches("[data-prm-third]")) $("input[type=radio]", event.target.closest("tr")).checked = true;
      count();
    });
    form.addEventListener("change", count);
    count();
  }

  /* Pages that a worker keeps for times without signal stay on the device for as long as somebody is signed in. */
  if (window.caches && !document.body.dataset.prmPerson) {
    window.caches.keys()
      .then((names) => names.filter((name) => name.startsWith("prm-kept ")).forEach((name) => window.caches.delete(name)))
      .catch(() => { /* a private window keeps none */ });
  }
})();
