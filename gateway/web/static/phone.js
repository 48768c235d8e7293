// The ranger's phone: says when it really shows an alert, passes on the human's "Seen", and calls out for a new one.
import { keepTime, refresh } from "./ago.js";
import { follow, isLive } from "./live.js";

const body = document.body;
const list = document.getElementById("alerts");
const sound = document.getElementById("sound");
const SETTLE_MS = 800; // a tap that was meant for what stood there before is not taken
let known = alerts();
let settledAt = 0;
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
  if (numbers.length) await post("/phone/delivered", numbers).catch(() => undefined);
}

// --- Seen: by a finger only. Without a connection it waits on the phone, and the page says so.
list.addEventListener("submit", async (event) => {
  const form = event.target.closest("form.see");
  if (!form) return;
  event.preventDefault();
  if (Date.now() < settledAt) return;
  const number = form.elements.number.value;
  keep([...waiting(), number]);
  mark();
  await sendSeen();
});

async function sendSeen() {
  const numbers = waiting();
  if (!numbers.length) return;
  try {
    const answer = await post("/phone/seen", numbers);
    if (answer.ok) keep(waiting().filter((each) => !numbers.includes(each)));
  } catch {
    // It stays on the phone, and goes with the next connection.
  }
  mark();
}

function waiting() {
  return JSON.parse(localStorage.getItem("sambar-seen") || "[]");
}

function keep(numbers) {
  localStorage.setItem("sambar-seen", JSON.stringify([...new Set(numbers)]));
}

function mark() {
  const held = waiting();
  for (const button of list.querySelectorAll("form.see button")) {
    const mine = held.includes(button.form.elements.number.value);
    button.disabled = mine;
    button.textContent = !mine ? "Seen" : isLive() ? "Seen: sending" : "Seen: goes when connected";
  }
}

function post(address, numbers) {
  return fetch(address, { method: "POST", body: new URLSearchParams(numbers.map((each) => ["number", each])) });
}

// --- News.
list.addEventListener("htmx:after:swap", () => {
  const now = alerts();
  const arrived = [...now].filter((id) => !known.has(id));
  known = now;
  if (arrived.length) {
    settledAt = Date.now() + SETTLE_MS;
    for (const id of arrived) document.getElementById(id).dataset.fresh = "";
    call();
  }
  refresh();
  mark();
  observe();
});

body.addEventListener("connection", () => {
  mark();
  if (isLive()) {
    sendSeen();
    sayDelivered();
  }
});
document.addEventListener("visibilitychange", sayDelivered);

function alerts() {
  return new Set([...list.querySelectorAll(".alert")].map((each) => each.id));
}

// --- The call. A browser lets a page sound only after a tap, on each visit.
function call() {
  navigator.vibrate?.([400, 150, 400, 150, 700]);
  if (audio?.state !== "running") return;
  const start = audio.currentTime;
  [0, 0.35, 0.7].forEach((after, index) => tone(start + after, index === 2 ? 880 : 660));
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
  sound.hidden = on;
  sound.textContent = "Sound is off. Tap to hear new alerts";
}

sound.addEventListener("click", async () => {
  audio ??= new AudioContext();
  audio.onstatechange = showSound;
  await audio.resume();
  call();
  showSound();
});

showSound();
mark();
observe();

if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register("/phone-worker.js", { scope: "/phone" });
}
