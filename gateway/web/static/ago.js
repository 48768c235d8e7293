// Times as the park reads them, and their distance from now, by the server's clock: a phone's own may be wrong.
let ahead = 0;
const texts = document.body.dataset.texts && JSON.parse(document.body.dataset.texts); // the phone's, in its language

export function setServerTime(iso) {
  ahead = Date.parse(iso) - Date.now();
}

export function serverNow() {
  return Date.now() + ahead;
}

const zone = document.body.dataset.zone;
const hours = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone });

export function clock(ms) {
  return hours.format(ms);
}

export const english = {
  seconds: "{count} s", minutes: "{count} min", hours: "{count} h", hours_minutes: "{hours} h {minutes} min",
  day: "{count} day", days: "{count} days", ago: "{length} ago", live: "live",
  not_connected: "not connected", not_connected_since: "not connected since {clock} ({length})",
};

// Words of the page with their values: `name` as alerts/page_words.py has it.
export function fill(name, values, own = texts ?? english) {
  return own[name].replace(/\{(\w+)\}/g, (_, key) => values[key]);
}

// As words.distance in Python, and on the phone Own.length.
export function distance(ms, own) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return fill("seconds", { count: seconds }, own);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return fill("minutes", { count: minutes }, own);
  const hours = Math.floor(minutes / 60);
  if (hours < 24 && minutes % 60) return fill("hours_minutes", { hours, minutes: minutes % 60 }, own);
  if (hours < 24) return fill("hours", { count: hours }, own);
  const days = Math.floor(hours / 24);
  return fill(days === 1 ? "day" : "days", { count: days }, own);
}

function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function refresh() {
  for (const each of document.querySelectorAll("time[data-ago]")) {
    set(each, fill("ago", { length: distance(serverNow() - Date.parse(each.dateTime)) }));
  }
  for (const each of document.querySelectorAll("[data-clock]")) set(each, clock(serverNow()));
}

export function keepTime() {
  setServerTime(document.body.dataset.now);
  setInterval(refresh, 1000);
}
