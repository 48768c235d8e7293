// The stream of news, and its state in plain sight. Says `news` on the body for htmx when the page should fetch anew.
import { clock, distance, english, fill, serverNow, setServerTime } from "./ago.js";

const DEAD_MS = 25_000; // two and a half heartbeats
const TICK_MS = 30_000;
const body = document.body;
const state = document.getElementById("live");

let stream = null;
let heardAt = null; // by the server's clock
let heardHere = 0; // by this device's own, which only measures silence
let since = Number(body.dataset.change);
let failures = 0;
let again = null;
let lost = false;
let behind = false; // a fetch of news failed: the next word from the server brings another try

export function follow() {
  heardAt = Number(localStorage.getItem("sambar-heard")) || null;
  open();
  setInterval(watch, 1000);
  setInterval(() => stream?.readyState === EventSource.OPEN && say("tick"), TICK_MS);
  window.addEventListener("online", reopen);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && Date.now() - heardHere > DEAD_MS) reopen();
  });
  window.addEventListener("pagehide", () => stream?.close());
  window.addEventListener("pageshow", (event) => event.persisted && reopen());
}

export function isLive() {
  return body.dataset.connection === "live";
}

function open() {
  clearTimeout(again);
  stream?.close();
  heardHere = Date.now();
  stream = new EventSource(`${body.dataset.live}?since=${since}`);
  stream.addEventListener("beat", hear);
  stream.addEventListener("news", (event) => {
    hear(event);
    say("news");
  });
  stream.addEventListener("error", fail);
}

function reopen() {
  failures = 0;
  open();
}

function hear(event) {
  const { change, now } = JSON.parse(event.data);
  setServerTime(now);
  since = change;
  failures = 0;
  lost = false;
  heardAt = serverNow();
  heardHere = Date.now();
  localStorage.setItem("sambar-heard", String(heardAt));
  show("live", fill("live"));
  if (behind) {
    behind = false;
    say("news");
  }
}

function fail() {
  stream.close();
  lost = true;
  failures += 1;
  tellLost();
  if (failures === 1) say("news"); // the worker of the phone page has a newer list than its page, perhaps
  // A stream does not say why it was refused. When the door is shut, the page itself says so in words.
  if (failures === 2) {
    fetch(body.dataset.probe).then((answer) => [401, 403].includes(answer.status) && location.reload(), () => undefined);
  }
  clearTimeout(again);
  again = setTimeout(open, Math.min(15_000, 500 * 2 ** failures) * (0.7 + Math.random() * 0.6));
}

function watch() {
  if (!lost && Date.now() - heardHere > DEAD_MS) fail();
  else if (lost) tellLost();
}

function tellLost() {
  if (!heardAt) return show("lost", fill("not_connected"));
  const since = (own) => fill("not_connected_since", { clock: clock(heardAt), length: distance(serverNow() - heardAt, own) }, own);
  show("lost", "unreviewed" in body.dataset ? `${since()}\n${since(english)}` : since());
}

function show(word, text) {
  if (body.dataset.connection !== word) {
    body.dataset.connection = word;
    state.dataset.state = word;
    say("connection");
  }
  if (state.textContent !== text) state.textContent = text;
}

function say(name) {
  body.dispatchEvent(new CustomEvent(name));
}

// What is on the page already need not come again: the server then answers 304, and htmx leaves the page as it is.
const tags = new Map();
document.addEventListener("htmx:config:request", (event) => {
  const { action, headers } = event.detail.ctx.request;
  if (tags.has(action)) headers["If-None-Match"] = tags.get(action);
});
document.addEventListener("htmx:error", () => (behind = true));
document.addEventListener("htmx:after:request", (event) => {
  const answer = event.detail.ctx.response;
  if (answer.status === 200) tags.set(event.detail.ctx.request.action, answer.headers.get("etag"));
  if ([401, 403].includes(answer.status)) location.reload(); // the session ended while the page was open
  if (answer.status >= 400 || answer.headers.get("x-sambar-kept")) behind = true;
});
