/* Battle cards without signal: registers the worker of this person in this tenant, and forgets everything at sign-out.
   The worker's address names who is signed in (data-prm-cards of the page); see cards_worker.js. */
(() => {
  "use strict";
  if (!("serviceWorker" in navigator) || !("caches" in window)) return;

  const forget = async () => {
    const names = await window.caches.keys();
    await Promise.all(names.filter((name) => name.startsWith("prm-cards ")).map((name) => window.caches.delete(name)));
    const workers = await navigator.serviceWorker.getRegistrations();
    await Promise.all(workers.filter((one) => (one.active || one.waiting || one.installing)?.scriptURL.includes("/competition/worker.js"))
      .map((one) => one.unregister()));
  };

  const page = document.querySelector("[data-prm-cards]");
  if (page && !page.hasAttribute("data-prm-cards-off")) {
    navigator.serviceWorker.register(page.dataset.prmCards).then(async () => {
      await navigator.serviceWorker.ready;
      const worker = (await navigator.serviceWorker.getRegistration(page.dataset.prmCards))?.active;
      // The page came before its worker did: it is asked for once more, so that it is there without signal.
      worker?.postMessage({ keep: [window.location.href, ...[...document.styleSheets].map((one) => one.href).filter(Boolean)] });
    }).catch(() => { /* private windows and plain http have no workers: the card is then read with signal only */ });
  }
  document.addEventListener("submit", (event) => {
    if ((event.target.getAttribute("action") || "").endsWith("/logout/")) forget();
  });
})();
