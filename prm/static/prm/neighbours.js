/* Opened from a list, a page says where in it it stands and leads to the rows before and after: [ ].
   The list is remembered in this tab only; without script the page is the same without the hint. */
(() => {
  "use strict";
  const { $, $$ } = window.prm;
  const KEY = "prm-list";

  const nameOf = (row, href) => {
    const link = $$("a[href]", row).find((one) => one.getAttribute("href") === href);
    return link ? link.textContent.trim() : "";
  };

  function remember(row) {
    const rows = $$("[data-href]", row.closest("[data-prm-cursor]")).filter((one) => one.dataset.href.startsWith("/"));
    const pager = $(".prm-pager[data-prm-start]");
    const list = {
      title: ($("h1") || document.body).textContent.trim(),
      start: pager ? Number(pager.dataset.prmStart) : 1,
      total: pager ? Number(pager.dataset.prmTotal) : rows.length,
      rows: rows.map((one) => [one.dataset.href, nameOf(one, one.dataset.href)]),
    };
    try { window.sessionStorage.setItem(KEY, JSON.stringify(list)); } catch { /* storage is switched off */ }
  }
  document.addEventListener("click", (event) => {
    const row = event.target.closest("[data-prm-cursor] [data-href]");
    if (row) remember(row);
  }, true);

  function recall() {
    try { return JSON.parse(window.sessionStorage.getItem(KEY)); } catch { return null; }
  }

  function link(rel, [href, name], key) {
    const a = document.createElement("a");
    a.rel = rel;
    a.href = href;
    a.className = "prm-kbd";
    a.textContent = key;
    a.setAttribute("aria-label", `${rel === "prev" ? "Previous" : "Next"}: ${name}`);
    a.title = name;
    return a;
  }

  const list = recall();
  const at = list ? list.rows.findIndex(([href]) => href === window.location.pathname) : -1;
  const actions = $(".prm-head .prm-actions");
  if (at < 0 || list.rows.length < 2 || !actions) return;
  const place = document.createElement("span");
  place.className = "prm-neighbours prm-desk";
  place.append(`${list.title}: ${list.start + at} of ${list.total}`);
  if (at > 0) place.append(link("prev", list.rows[at - 1], "["));
  if (at < list.rows.length - 1) place.append(link("next", list.rows[at + 1], "]"));
  actions.prepend(place);
})();
