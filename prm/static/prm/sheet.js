/* The sheet: a page opened beside the one it came from. <dialog> traps focus and Esc closes it;
   focus returns to the link. Without script its link is a plain page. */
(() => {
  "use strict";
  const { $, $$, isPlainClick } = window.prm;
  const dialog = $("#sheet-dialog");
  if (!dialog || !window.htmx) return;
  let opener = null;

  function close() {
    if (dialog.open) dialog.close();
  }

  /* Forms of a page are sent by htmx while they stand in the sheet. */
  function adoptForms() {
    for (const form of $$("form", $("#sheet"))) {
      if ((form.method || "").toLowerCase() !== "post" || form.hasAttribute("hx-post")) continue;
      form.setAttribute("hx-post", form.getAttribute("action") || dialog.dataset.url);
      form.setAttribute("hx-target", "#sheet");
      if (form.enctype === "multipart/form-data") form.setAttribute("hx-encoding", form.enctype);
      window.htmx.process(form);
    }
  }

  function focusFirst() {
    const sheet = $("#sheet");
    const wanted = $("[aria-invalid='true']", sheet) || $("[autofocus]", sheet) || $("#sheet-title", sheet);
    if (wanted) wanted.focus();
  }

  function open(url, from) {
    if (!dialog.open) opener = from;
    dialog.dataset.url = url;
    window.htmx.ajax("GET", url, { target: "#sheet", swap: "innerHTML" });
  }

  window.prm.openSheet = open; /* by its address; focus goes back to the element that is named */

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-prm-sheet]");
    if (!link || !isPlainClick(event)) return;
    event.preventDefault();
    open(link.href, link);
  });

  /* The session has ended: whoever signs in again in this tab finds the sheet open as it was. */
  const AGAIN = "prm-sheet-again";
  const here = () => window.location.pathname + window.location.search;
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const { xhr, target } = event.detail;
    if (!xhr.getResponseHeader("PRM-Sign-In") || !(dialog.open || target?.id === "sheet")) return;
    const again = { person: document.body.dataset.prmPerson, page: here(), sheet: dialog.dataset.url };
    try { window.sessionStorage.setItem(AGAIN, JSON.stringify(again)); } catch { /* storage is switched off */ }
  });
  function openAgain() {
    let again = null;
    try {
      again = JSON.parse(window.sessionStorage.getItem(AGAIN));
      window.sessionStorage.removeItem(AGAIN);
    } catch { return; }
    if (again && again.person === document.body.dataset.prmPerson && again.page === here()) open(again.sheet, null);
  }

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.id !== "sheet" || !$("#sheet").childElementCount) return;
    /* Saved: the answer holds fragments for the page behind, nothing for the sheet, which has closed. */
    if (event.detail.xhr.getResponseHeader("HX-Reswap") === "none") return;
    adoptForms();
    if (!dialog.open) dialog.showModal();
    dialog.dispatchEvent(new CustomEvent("prm:sheet", { bubbles: true }));
    focusFirst();
  });

  /* What the server refuses in the sheet (403, 404, 500) opens as the page it is. */
  document.addEventListener("htmx:responseError", (event) => {
    const target = event.detail.target;
    if (!target || target.id !== "sheet" || event.detail.requestConfig.verb !== "get") return;
    window.location.assign(event.detail.requestConfig.path);
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-prm-close-sheet]")) close();
    if (event.target === dialog) close();
    const other = event.target.closest("[data-prm-close-dialog]");
    if (other) other.closest("dialog").close();
  });
  document.body.addEventListener("prm:close-sheet", close);
  dialog.addEventListener("close", () => {
    if (dialog.open) return; /* opened again before the browser came to tell of the closing */
    $("#sheet").replaceChildren();
    if (opener && !opener.isConnected && opener.id) opener = document.getElementById(opener.id);
    if (opener && opener.isConnected) opener.focus();
    opener = null;
  });

  /* After the other scripts: what fills the sheet's form has to listen. */
  document.addEventListener("DOMContentLoaded", openAgain);
})();
