// Notifications while the page is closed: offered where the browser can and has not been told no.
const button = document.getElementById("push");
const possible = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

if (possible && Notification.permission !== "denied") offer();

async function offer() {
  const answer = await fetch("/phone/push/key").catch(() => null);
  if (!answer?.ok) return; // no connection: the next visit asks again
  const said = await answer.json();
  if (!said.key) return; // not set up here
  const worker = await navigator.serviceWorker.ready;
  if (Notification.permission === "granted" && (await subscribed(worker, said.key))) return;
  button.textContent = said.offer;
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    const done = await subscribed(worker, said.key);
    button.textContent = said.failed;
    button.hidden = done || Notification.permission === "denied";
    button.disabled = false;
  });
}

// Told to the gateway on each visit: it may have forgotten, and the phone may have another owner now.
async function subscribed(worker, key) {
  try {
    const wanted = bytes(key);
    let own = await worker.pushManager.getSubscription();
    if (own && !same(own.options.applicationServerKey, wanted)) {
      await own.unsubscribe();
      own = null;
    }
    own ??= await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: wanted });
    const { endpoint, keys } = own.toJSON();
    const body = new URLSearchParams({ endpoint, p256dh: keys.p256dh, auth: keys.auth });
    return (await fetch("/phone/push", { method: "POST", body })).ok;
  } catch {
    return false; // refused by the person, or the browser's push service is away
  }
}

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function same(buffer, wanted) {
  const own = new Uint8Array(buffer ?? []);
  return own.length === wanted.length && own.every((byte, index) => byte === wanted[index]);
}
