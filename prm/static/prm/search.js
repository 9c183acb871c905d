/* Search and jump (prm/search): Ctrl K or the field opens a dialog that asks as one types.
   ↑ ↓ move, Tab goes to the next kind, ↵ opens, Ctrl ↵ opens the list of all. The focus stays in the field.
   What was opened last stands there before anything is typed, in this tab and for this member only. */
(() => {
  "use strict";
  const { $, $$, isPlainClick } = window.prm;
  const dialog = $("#search-dialog");
  if (!dialog || !window.htmx) return;
  const field = $("#search-field"), hits = $("#search-hits"), failed = $("[data-prm-search-failed]", dialog);
  const KEY = `prm-recent:${document.body.dataset.prmMember || ""}`;
  const MOST = 5;
  if (/Mac|iPhone|iPad/.test(navigator.platform)) for (const cap of $$("[data-prm-search] .prm-kbd")) cap.textContent = "⌘ K";

  /* --- what was opened last --- */
  function recent() {
    try { return JSON.parse(window.sessionStorage.getItem(KEY)) || []; } catch { return []; }
  }
  function remember(link) {
    const one = [link.dataset.prmHit, link.getAttribute("href")];
    const others = recent().filter(([, href]) => href !== one[1]);
    try { window.sessionStorage.setItem(KEY, JSON.stringify([one, ...others].slice(0, MOST))); } catch { /* storage is switched off */ }
  }
  function showRecent() {
    const list = recent();
    if (field.value.trim() || !list.length) return;
    const group = document.createElement("div");
    group.className = "prm-find-group";
    group.setAttribute("role", "group");
    group.setAttribute("aria-labelledby", "found-recent");
    const title = document.createElement("h2");
    title.className = "prm-find-title";
    title.id = "found-recent";
    title.textContent = "Opened last";
    group.append(title);
    list.forEach(([name, href], place) => {
      const link = document.createElement("a");
      link.className = "prm-hit";
      link.id = `hit-recent-${place}`;
      link.href = href;
      link.tabIndex = -1;
      link.dataset.prmHit = name;
      link.setAttribute("role", "option");
      link.setAttribute("aria-selected", "false");
      const text = document.createElement("span");
      text.className = "prm-hit-text";
      text.textContent = name;
      link.append(text);
      group.append(link);
    });
    hits.prepend(group);
  }

  /* --- the cursor --- */
  const options = () => $$("a[role='option']", hits);
  const here = () => $("a[aria-selected='true']", hits);
  function select(option) {
    if (here()) here().setAttribute("aria-selected", "false");
    if (!option) { field.removeAttribute("aria-activedescendant"); return; }
    option.setAttribute("aria-selected", "true");
    field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }
  function move(step) {
    const all = options();
    const at = all.indexOf(here());
    if (all.length) select(all[(at + step + all.length) % all.length]);
  }
  function nextGroup(step) {
    const groups = $$("[role='group']", hits).map((group) => $("a[role='option']", group)).filter(Boolean);
    const at = groups.findIndex((first) => first.parentElement.contains(here()));
    if (groups.length) select(groups[(at + step + groups.length) % groups.length]);
  }

  /* --- opening, asking --- */
  function open() {
    if (dialog.open) { field.select(); return; }
    const other = $("dialog[open]");
    if (other) return; /* a form in the sheet keeps the keyboard */
    dialog.showModal();
    field.focus();
    field.select();
    window.htmx.trigger(field, "prm:search");
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-prm-search]");
    if (!link || !isPlainClick(event)) return;
    event.preventDefault();
    open();
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    open();
  });

  /* What stands there answers `shown`; an Enter that comes before its answer waits for it. */
  let late = 0, asked = "", shown = null, entered = false;
  const rest = () => { window.clearTimeout(late); dialog.classList.remove("prm-find-waits"); };
  field.addEventListener("input", () => { entered = false; });
  field.addEventListener("htmx:beforeRequest", () => {
    asked = field.value;
    window.clearTimeout(late);
    late = window.setTimeout(() => dialog.classList.add("prm-find-waits"), 150);
  });
  field.addEventListener("htmx:afterRequest", rest);
  const fail = (words) => { entered = false; shown = null; failed.textContent = words; failed.hidden = false; hits.replaceChildren(); };
  field.addEventListener("htmx:sendError", () => fail("Search needs a signal. What is on the page behind is still there."));
  field.addEventListener("htmx:responseError", () => fail("The search failed. Try again."));
  hits.addEventListener("htmx:afterSwap", () => {
    failed.hidden = true;
    shown = asked;
    showRecent();
    hits.scrollTop = 0;
    select(options()[0]);
    if (entered && shown === field.value) here()?.click();
    entered = false;
  });

  /* --- keys, thumbs --- */
  field.addEventListener("keydown", (event) => {
    const { key } = event;
    if (key === "ArrowDown") move(1);
    else if (key === "ArrowUp") move(-1);
    else if (key === "Tab" && options().length) nextGroup(event.shiftKey ? -1 : 1);
    else if (key === "Enter" && (event.ctrlKey || event.metaKey)) ($("[data-prm-all]", hits) || here())?.click();
    else if (key === "Enter" && shown === field.value) here()?.click();
    else if (key === "Enter") { entered = true; window.htmx.trigger(field, "prm:search"); }
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  hits.addEventListener("mousemove", (event) => {
    const option = event.target.closest("a[role='option']");
    if (option && option !== here()) select(option);
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".prm-hit");
    if (!link) return;
    if (link.dataset.prmHit) remember(link);
    if (dialog.contains(link) && (link.matches("[data-prm-sheet]") || !isPlainClick(event))) dialog.close();
  }, true);
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
})();
