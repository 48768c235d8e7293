// Keeps the phone page's shell, the last alerts and their photos, so that the page opens without a network; and calls
// the person to the page by notifications.
const SHELL = "sambar-shell-" + {{ version | safe }};
const LAST = "sambar-last";
const PHOTOS = "sambar-photos";
const CALLED = "sambar-called";
const MOST_PHOTOS = 60;
const MOST_CALLED = 200;
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
      .then((names) => Promise.all(names.filter((name) => ![SHELL, LAST, PHOTOS, CALLED].includes(name)).map((name) => caches.delete(name))))
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
    event.waitUntil(cache.put(event.request, copy).then(() => trim(cache, MOST_PHOTOS)));
  }
  return answer;
}

async function trim(cache, most) {
  const keys = await cache.keys();
  await Promise.all(keys.slice(0, Math.max(0, keys.length - most)).map((key) => cache.delete(key)));
}

// --- Notifications. What they say comes encrypted from the gateway, in the person's language.
self.addEventListener("push", (event) => {
  event.waitUntil(show(event.data.json()));
});

async function show(said) {
  const before = await calledBefore(said.delivery);
  const silent = said.quiet || (said.edit && before); // news of what this phone has called for already
  await self.registration.showNotification(said.headline, {
    body: said.line,
    tag: `sambar-${said.delivery}`,
    renotify: !silent,
    silent,
    ...(silent ? {} : { vibrate: [400, 150, 400, 150, 700] }),
    icon: FILES.find((name) => name.endsWith("phone-192.png")),
  });
}

async function calledBefore(delivery) {
  const cache = await caches.open(CALLED);
  const name = `/called/${delivery}`;
  if (await cache.match(name)) return true;
  await cache.put(name, new Response());
  await trim(cache, MOST_CALLED);
  return false;
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(openPage());
});

async function openPage() {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const page = pages.find((each) => new URL(each.url).pathname === "/phone");
  return page ? page.focus() : self.clients.openWindow("/phone");
}
