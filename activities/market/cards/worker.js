/* Battle cards without signal. What was read is kept by its address; where nothing comes within four seconds, that is shown.
   Whoever is signed out leaves nothing behind: an answer that leads elsewhere empties what was kept. */
const NAME = `prm-kept ${self.registration.scope}`;
const PATIENCE = 4000;
const here = new URL(self.registration.scope).pathname;
const CARD = new RegExp(`^${here}(cards|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})/$`);

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("message", (event) => {
  if (event.data && Array.isArray(event.data.keep)) event.waitUntil(keep(event.data.keep));
});
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (event.request.mode === "navigate" && CARD.test(url.pathname)) event.respondWith(page(event.request, url));
  else if (url.pathname.startsWith("/static/")) event.respondWith(part(event.request));
});

async function keep(addresses) {
  const cache = await caches.open(NAME);
  for (const address of addresses) {
    const url = new URL(address, self.location.origin);
    if (url.origin !== self.location.origin || !CARD.test(url.pathname)) continue;
    try {
      const answer = await fetch(url.pathname, { credentials: "same-origin" });
      if (answer.redirected) { await caches.delete(NAME); return; }
      if (answer.ok) {
        await keepParts(cache, await answer.clone().text());
        await cache.put(url.pathname, answer);
      } else if (answer.status === 404) await cache.delete(url.pathname);
    } catch { return; }
  }
}

/* A page that was never shown has asked for none of its style sheets and scripts yet. */
async function keepParts(cache, text) {
  for (const [, path] of text.matchAll(/(?:href|src)="(\/static\/[^"#]+)"/g)) {
    if (!(await cache.match(path))) await cache.add(path);
  }
}

async function page(request, url) {
  try {
    const answer = await inTime(fetch(request));
    if (answer.type === "opaqueredirect") await caches.delete(NAME);
    else if (answer.ok) await (await caches.open(NAME)).put(url.pathname, answer.clone());
    return answer;
  } catch (error) {
    const kept = await (await caches.open(NAME)).match(url.pathname);
    if (kept) return kept;
    throw error;
  }
}

async function part(request) {
  const cache = await caches.open(NAME);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}

function inTime(asked) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("no signal")), PATIENCE);
    asked.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
