// Times as the park reads them, and their distance from now, by the server's clock: a phone's own may be wrong.
let ahead = 0;

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

// As words.distance in Python.
export function distance(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const whole = Math.floor(minutes / 60);
  if (whole < 24) return minutes % 60 ? `${whole} h ${minutes % 60} min` : `${whole} h`;
  const days = Math.floor(whole / 24);
  return days === 1 ? "1 day" : `${days} days`;
}

function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function refresh() {
  for (const each of document.querySelectorAll("time[data-ago]")) {
    set(each, `${distance(serverNow() - Date.parse(each.dateTime))} ago`);
  }
  for (const each of document.querySelectorAll("[data-clock]")) set(each, clock(serverNow()));
}

export function keepTime() {
  setServerTime(document.body.dataset.now);
  setInterval(refresh, 1000);
}
