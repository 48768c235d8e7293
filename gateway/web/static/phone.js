// The ranger's phone: says when it really shows an alert, passes on what its person answers, and calls out for news.
import { fill, keepTime, refresh } from "./ago.js";
import { follow, isLive } from "./live.js";

const body = document.body;
const list = document.getElementById("alerts");
const sound = document.getElementById("sound");
const SETTLE_MS = 800; // a tap that was meant for what stood there before is not taken
const MOVED_PX = 24;
const settled = new Map(); // alert → when its buttons take a tap again
let known = told();
let audio = null;

keepTime();
follow();

// --- Shown: the alert is on a screen that is lit, not only in a page that lies in a pocket.
const shown = new Set();
const observer = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting) shown.add(entry.target.id);
      else shown.delete(entry.target.id);
    }
    sayDelivered();
  },
  { threshold: 0.25 },
);

function observe() {
  observer.disconnect();
  shown.clear();
  for (const each of list.querySelectorAll("[data-undelivered]")) observer.observe(each);
}

async function sayDelivered() {
  if (document.visibilityState !== "visible" || !isLive()) return;
  const numbers = [...list.querySelectorAll("[data-undelivered]")]
    .filter((each) => shown.has(each.id))
    .map((each) => each.dataset.delivery);
  if (!numbers.length) return;
  const form = new URLSearchParams(numbers.map((each) => ["number", each]));
  await fetch("/phone/delivered", { method: "POST", body: form }).catch(() => undefined);
}

// --- Answers: by a finger only. Without a connection they wait on the phone, and the page says so.
const TOO_LATE_MS = 5 * 60_000; // 'I am well' from so long ago says nothing of now, and must not quiet an alarm
const SURE_MS = 5000;
const DOUBLE_MS = 450;
const REPLY_MS = 20_000;
const SENT_MS = 15_000; // by then the news of what was sent are here, or the buttons come back
let sending = false;
const sent = new Map(); // what the server has taken, until the list shows it: key → when

list.addEventListener("submit", (event) => {
  const form = event.target.closest("form.answers, form.see");
  if (!form) return;
  event.preventDefault();
  const button = event.submitter ?? form.querySelector("button");
  const card = form.closest("[id]");
  if (Date.now() < (settled.get(card.id) ?? 0) || !sure(button)) return;
  const note = form.elements.note?.value.trim() ?? "";
  const each = { number: form.elements.number.value, answer: button.value, note, at: Date.now() };
  keep([...waiting().filter((other) => key(other) !== key(each)), each]);
  if (form.elements.note) form.elements.note.value = "";
  mark();
  send();
});

// What is hard to take back wants a second tap, and not the second half of a double one.
let asked = null;
function sure(button) {
  if (!("sure" in button.dataset)) return true;
  const mine = asked?.button === button && asked.answer === button.value;
  if (mine && Date.now() - asked.at < DOUBLE_MS) return false;
  forget();
  if (mine) return true;
  asked = { button, answer: button.value, at: Date.now(), timer: setTimeout(forget, SURE_MS) };
  ask();
  return false;
}

function ask() {
  const words = document.createElement("span");
  words.className = "ask";
  words.textContent = fill("sure");
  asked.button.dataset.asked = "";
  asked.button.append(words);
}

function forget() {
  if (!asked) return;
  clearTimeout(asked.timer);
  delete asked.button.dataset.asked;
  asked.button.querySelector(".ask")?.remove();
  asked = null;
}

function askAgain() {
  if (!asked) return;
  if (!asked.button.isConnected || asked.button.value !== asked.answer) forget();
  else if (!asked.button.querySelector(".ask")) ask();
}

async function send() {
  if (sending) return;
  sending = true;
  try {
    keep(waiting().filter((each) => each.answer !== "check-in" || Date.now() - each.at < TOO_LATE_MS));
    for (const each of waiting()) {
      const reply = await post(each);
      if (reply === "later") break;
      keep(waiting().filter((other) => key(other) !== key(each)));
      sent.set(key(each), Date.now());
      if (reply) tell(each.number, reply);
      mark();
    }
  } catch {
    // It stays on the phone, and goes with the next connection.
  } finally {
    sending = false;
  }
  mark();
}

async function post(each) {
  const notice = !list.querySelector(`.alert[data-delivery="${each.number}"]`) && each.answer === "seen";
  const waited_s = Math.max(0, (Date.now() - each.at) / 1000);
  const answer = await fetch(notice ? "/phone/seen" : "/phone/answer", {
    method: "POST",
    headers: { accept: "application/json" },
    body: new URLSearchParams(notice ? { number: each.number } : { ...each, waited_s }),
  });
  if (answer.status >= 500 || [401, 403, 429].includes(answer.status)) return "later"; // live.js leads to the door
  return answer.ok && !notice ? answer.json() : null;
}

function key(each) {
  return `${each.number} ${each.answer}`;
}

function waiting() {
  return JSON.parse(localStorage.getItem("sambar-answers") || "[]");
}

function keep(answers) {
  localStorage.setItem("sambar-answers", JSON.stringify(answers));
}

function mark() {
  const held = new Set(waiting().map(key));
  for (const button of list.querySelectorAll("form.answers button, form.see button")) {
    const mine = key({ number: button.form.elements.number.value, answer: button.value });
    const gone = Date.now() - (sent.get(mine) ?? 0) < SENT_MS;
    const state = held.has(mine) ? (isLive() ? "sending" : "waits") : gone ? "sending" : "";
    button.disabled = state !== "";
    if ((button.dataset.state ?? "") === state) continue;
    if (state && button === asked?.button) forget();
    if (!button.dataset.state) words.set(button, button.innerHTML);
    button.dataset.state = state;
    if (state) button.textContent = button.dataset[state];
    else button.innerHTML = words.get(button);
  }
}
const words = new WeakMap();

// What the gateway replied: long enough to be read, and through the news meanwhile.
const replies = new Map();
function alarmOf(number) {
  return list.querySelector(`[data-delivery="${number}"]`)?.dataset.alarm;
}

function tell(number, reply) {
  replies.set(number, { ...reply, alarm: alarmOf(number), until: Date.now() + REPLY_MS });
  setTimeout(showReplies, REPLY_MS + 50);
  showReplies();
}

function showReplies() {
  for (const [number, reply] of replies) {
    const line = list.querySelector(`[data-delivery="${number}"] .reply`);
    const news = alarmOf(number); // an alarm that has come since says more than what was replied before it
    const over = Date.now() > reply.until || (reply.taken && news && news !== reply.alarm);
    if (over) replies.delete(number);
    if (!line) continue;
    line.hidden = Boolean(over);
    line.toggleAttribute("data-refused", !reply.taken);
    if (line.textContent !== reply.sentence) line.textContent = reply.sentence;
  }
}

// --- News.
let before = new Map();
list.addEventListener("htmx:before:swap", () => (before = places()));
list.addEventListener("htmx:after:swap", () => {
  const now = told();
  const news = [...now].filter(([id, each]) => known.get(id)?.at !== each.at || (each.alarm && known.get(id).alarm !== each.alarm));
  for (const id of now.keys()) {
    if (!known.has(id)) document.getElementById(id).dataset.fresh = "";
  }
  known = now;
  const loud = news.filter(([id]) => !("quiet" in document.getElementById(id).dataset));
  if (loud.length) call(loud.some(([id]) => ["help", "overdue"].includes(document.getElementById(id).dataset.alarm)));
  askAgain();
  refresh();
  mark();
  showReplies();
  settle();
  observe();
  dim();
});

body.addEventListener("connection", () => {
  mark();
  if (isLive()) {
    send();
    sayDelivered();
  }
});
document.addEventListener("visibilitychange", sayDelivered);

// What each alert and notice was told for last: a change is worth a sound.
function told() {
  const cards = [...list.querySelectorAll("[data-delivery]")];
  return new Map(cards.map((each) => [each.id, { at: each.dataset.told, alarm: each.dataset.alarm }]));
}

// A button that has moved, or has come, takes no tap for a moment: it was meant for what stood there before.
function places() {
  const found = new Map();
  for (const button of list.querySelectorAll("form button")) {
    found.set(key({ number: button.form.elements.number.value, answer: button.value }), button.getBoundingClientRect().top);
  }
  return found;
}

function settle() {
  for (const [each, top] of places()) {
    const number = each.split(" ")[0];
    if (!before.has(each) || Math.abs(before.get(each) - top) > MOVED_PX) settled.set(`alert-${number}`, Date.now() + SETTLE_MS);
  }
}

// --- The call. A browser lets a page sound only after a tap, on each visit.
const CALL_AGAIN_MS = 5000;
let calledAt = 0;
function call(urgent = false) {
  if (dark() || Date.now() - calledAt < CALL_AGAIN_MS) return;
  calledAt = Date.now();
  navigator.vibrate?.(urgent ? [700, 150, 700, 150, 700, 150, 1200] : [400, 150, 400, 150, 700]);
  if (audio?.state !== "running") return;
  const start = audio.currentTime;
  const tones = urgent ? [880, 660, 880, 660, 880, 660] : [660, 660, 880];
  tones.forEach((hertz, index) => tone(start + index * 0.35, hertz));
}

// Whoever is in place must not be given away: no light that is not needed, and no sound at all.
function dark() {
  return "dark" in document.getElementById("dark").dataset;
}

function dim() {
  body.classList.toggle("in-place", dark());
}

function tone(at, hertz) {
  const voice = audio.createOscillator();
  const loudness = audio.createGain();
  voice.type = "triangle";
  voice.frequency.value = hertz;
  loudness.gain.setValueAtTime(0.0001, at);
  loudness.gain.exponentialRampToValueAtTime(0.8, at + 0.03);
  loudness.gain.exponentialRampToValueAtTime(0.0001, at + 0.3);
  voice.connect(loudness).connect(audio.destination);
  voice.start(at);
  voice.stop(at + 0.32);
}

function showSound() {
  const on = audio?.state === "running";
  sound.hidden = on || dark();
}

sound.addEventListener("click", async () => {
  audio ??= new AudioContext();
  audio.onstatechange = showSound;
  await audio.resume();
  calledAt = 0;
  call();
  showSound();
});

dim();
showSound();
mark();
observe();

if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register("/phone-worker.js", { scope: "/phone" });
}
