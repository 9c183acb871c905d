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
      const values = data.getAll(name).filter((value) => value !== "");
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
  if (toasts()) {
    new MutationObserver((changes) => {
      for (const change of changes) {
        for (const node of change.addedNodes) if (node.matches && node.matches("[data-prm-toast]")) startToast(node);
      }
    }).observe(toasts(), { childList: true });
    /* A live region speaks only of what is added later: put the first ones in again. */
    const first = $$("[data-prm-toast]", toasts());
    if (first.some((toast) => $(".prm-toast-good", toast))) document.body.dataset.prmSaved = "yes";
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
     The element ends it by being replaced with one that does not ask. */
  const due = new WeakMap();
  window.setInterval(() => {
    if (document.hidden || !window.htmx) return;
    for (const element of $$("[data-prm-poll]")) {
      const next = due.get(element) ?? Date.now() + Number(element.dataset.prmPoll);
      if (Date.now() < next) { due.set(element, next); continue; }
      due.set(element, Date.now() + Number(element.dataset.prmPoll));
      window.htmx.trigger(element, "prm:poll");
    }
  }, 250);

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
})();
