// New articles come into the open page as they are committed. The server tells that something has
// changed (/live); the page is then asked for again, so its filter decides what belongs in it.

const list = document.getElementById("stream");
const room = document.getElementById("news-room");
const told = document.getElementById("news-told");
const state = document.getElementById("live-state");
const PAUSE = 2000; // a crawl commits many times a second

let newest = Number(list.dataset.newest);
let asked = false;
let waiting = null; // the list as it will be once the reader wants it

const keys = (root) => new Set([...root.querySelectorAll("[data-article]")].map((one) => one.dataset.article));
const say = (text) => { told.textContent = text; };
const counted = (number) =>
  number === 1 ? list.dataset.one : list.dataset.many.replace("{number}", String(number));

function isReading() {
  // Nothing moves under the eyes or the fingers of a reader.
  const away = window.scrollY > 200;
  return away || list.contains(document.activeElement) || String(document.getSelection() ?? "") !== "";
}

function show(fresh) {
  const known = keys(list);
  list.replaceChildren(...fresh.childNodes);
  for (const one of list.querySelectorAll("[data-article]")) {
    one.classList.toggle("fresh", !known.has(one.dataset.article));
  }
  waiting = null;
  room.hidden = true;
}

async function refresh() {
  asked = false;
  const before = newest;
  const answer = await fetch(window.location.href, { headers: { accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("stream");
  if (!fresh) return;
  newest = Math.max(before, Number(fresh.dataset.newest));
  const known = keys(list);
  const arrived = [...keys(fresh)].filter((key) => !known.has(key)).length;
  if (arrived === 0) {
    if (!isReading()) show(fresh); // a title may have changed, or one has gone
    return;
  }
  if (isReading()) {
    waiting = fresh;
    room.querySelector("button").textContent = counted(arrived);
    room.hidden = false;
  } else {
    show(fresh);
  }
  say(counted(arrived));
}

function askSoon() {
  if (asked) return;
  asked = true;
  window.setTimeout(() => refresh().catch(() => { asked = false; }), PAUSE);
}

room.querySelector("button").addEventListener("click", () => {
  if (waiting) show(waiting);
  window.scrollTo({ top: 0 });
  list.querySelector(".title a")?.focus({ preventScroll: true });
});

function stand(isOn) {
  state.hidden = false;
  state.dataset.state = isOn ? "on" : "off";
  state.textContent = isOn ? list.dataset.on : list.dataset.off;
}

const events = new EventSource("/live");
events.addEventListener("open", () => stand(true));
events.addEventListener("error", () => stand(false));
events.addEventListener("change", (event) => {
  if (Number(event.data) > newest) askSoon();
});
window.addEventListener("pagehide", () => events.close());
window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
