// Keeps the phone page's shell, the last alerts and their photos, so that the page opens without a network.
const SHELL = "sambar-shell-" + {{ version | safe }};
const LAST = "sambar-last";
const PHOTOS = "sambar-photos";
const MOST_PHOTOS = 60;
const FILES = {{ shell | safe }};
const PATIENCE_MS = 4000;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(SHELL).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => ![SHELL, LAST, PHOTOS].includes(name)).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname === "/phone" || url.pathname === "/phone/alerts") {
    event.respondWith(freshElseLast(event, url.pathname));
  } else if (url.pathname.startsWith("/photos/")) {
    event.respondWith(keptElseFetched(event));
  } else if (url.pathname.startsWith("/static/") || url.pathname === "/phone.webmanifest") {
    event.respondWith(caches.match(event.request).then((kept) => kept || fetch(event.request)));
  }
});

// A page that a bad line holds up is worse than the last one with its time on it.
async function freshElseLast(event, key) {
  const cache = await caches.open(LAST);
  const fresh = fetch(event.request).then(async (answer) => {
    if (answer.ok) {
      await cache.put(key, answer.clone());
    } else if (answer.status === 401 || answer.status === 403) {
      await Promise.all([caches.delete(LAST), caches.delete(PHOTOS)]);
    }
    return answer;
  });
  event.waitUntil(fresh.catch(() => undefined));
  const last = await cache.match(key);
  if (!last) return fresh;
  if (key !== "/phone") return fresh.catch(() => marked(last)); // a stale list would pass for the newest
  const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, last));
  return Promise.race([fresh.catch(() => last), patience]);
}

// So that the page knows that it has to ask again.
function marked(last) {
  const headers = new Headers(last.headers);
  headers.set("x-sambar-kept", "1");
  return new Response(last.body, { status: last.status, headers });
}

async function keptElseFetched(event) {
  const cache = await caches.open(PHOTOS);
  const kept = await cache.match(event.request);
  if (kept) return kept;
  const answer = await fetch(event.request);
  if (answer.ok) {
    const copy = answer.clone();
    event.waitUntil(cache.put(event.request, copy).then(() => trim(cache)));
  }
  return answer;
}

async function trim(cache) {
  const keys = await cache.keys();
  await Promise.all(keys.slice(0, Math.max(0, keys.length - MOST_PHOTOS)).map((key) => cache.delete(key)));
}
