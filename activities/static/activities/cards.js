/* Keeps battle cards on this device, and says when one is shown without signal. */
(() => {
  const place = document.querySelector("[data-prm-cards]");
  if (!place) return;
  const said = document.querySelector("[data-prm-without-signal]");
  const say = () => { if (said) said.hidden = navigator.onLine; };
  window.addEventListener("online", say);
  window.addEventListener("offline", say);
  say();
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.register(place.dataset.prmWorker, { scope: place.dataset.prmScope }).then(async () => {
    const ready = await navigator.serviceWorker.ready;
    const wanted = [window.location.pathname, ...place.dataset.prmCards.split(" ").filter(Boolean)];
    if (navigator.onLine && ready.active) ready.active.postMessage({ keep: wanted });
  }).catch(() => { /* a private window: the cards are read with signal only */ });
})();
