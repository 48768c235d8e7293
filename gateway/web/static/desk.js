// The operations pages: live, and nothing moves under a hand that is at work.
import { keepTime, refresh } from "./ago.js";
import { follow } from "./live.js";

const AT_WORK_MS = 10_000;
const list = document.getElementById("timeline");
const bar = document.getElementById("new-above");
const title = document.title;
let handAt = 0;
let anchor = null;
let fresh = new Set();

keepTime();
follow();

if (list && bar) {
  const touch = () => (handAt = Date.now());
  for (const name of ["pointermove", "pointerdown", "keydown", "wheel"]) {
    list.addEventListener(name, touch, { passive: true });
  }
  let known = numbers();

  list.addEventListener("htmx:before:swap", () => {
    anchor = null;
    if (window.scrollY > 0 || (Date.now() - handAt < AT_WORK_MS && list.matches(":hover, :focus-within"))) {
      const card = [...list.querySelectorAll(".card")].find((each) => each.getBoundingClientRect().bottom > 60);
      if (card) anchor = { id: card.id, top: card.getBoundingClientRect().top };
    }
  });

  list.addEventListener("htmx:after:swap", () => {
    const held = anchor && document.getElementById(anchor.id);
    if (held) window.scrollBy({ top: held.getBoundingClientRect().top - anchor.top, behavior: "instant" });
    const now = numbers();
    const arrived = [...now].filter((number) => !known.has(number));
    known = now;
    for (const number of arrived) {
      fresh.add(number);
      document.getElementById(`incursion-${number}`).dataset.fresh = "";
    }
    refresh();
    tell();
  });

  bar.addEventListener("click", () => {
    window.scrollTo({ top: 0 });
    list.querySelector(".card h3 a")?.focus({ preventScroll: true });
  });
  window.addEventListener("scroll", tell, { passive: true });
  document.addEventListener("visibilitychange", tell);

  // j and k walk from card to card, as in a mail program.
  document.addEventListener("keydown", (event) => {
    if (!["j", "k"].includes(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    const links = [...list.querySelectorAll(".card h3 a")];
    const at = links.indexOf(document.activeElement);
    links[Math.max(0, Math.min(links.length - 1, at + (event.key === "j" ? 1 : -1)))]?.focus();
  });
}

function numbers() {
  return new Set([...list.querySelectorAll(".card")].map((card) => card.dataset.number));
}

// What has come and was not on the screen yet stands in the bar and in the tab's title.
function tell() {
  if (!document.hidden) {
    fresh = new Set([...fresh].filter((number) => {
      const card = document.getElementById(`incursion-${number}`);
      return card && card.getBoundingClientRect().top < 30; // its head is above the screen or under the strip
    }));
  }
  document.title = fresh.size ? `(${fresh.size}) ${title}` : title;
  bar.hidden = fresh.size === 0 || window.scrollY === 0;
  const words = fresh.size === 1 ? "1 new incursion above" : `${fresh.size} new incursions above`;
  if (bar.textContent !== words) bar.textContent = words;
}
