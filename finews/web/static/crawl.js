// A crawl is watched as it runs: the page is asked for again every few seconds, and of its parts
// (marked data-live) those that have changed are put in place of the old ones.

const PAUSE = 3000;
const state = document.getElementById("live-state");
const told = document.getElementById("live-told");
const parts = (root) => [...root.querySelectorAll("[data-live]")];

function standing(root) {
  return new Map([...root.querySelectorAll("[data-run]")].map((one) => [one.dataset.run, one.dataset]));
}

function isUsed(part) {
  // Nothing moves under the eyes or the fingers of a reader.
  const chosen = document.getSelection();
  const isChosen = chosen && !chosen.isCollapsed && part.contains(chosen.anchorNode);
  const focused = document.activeElement;
  const isFocused = part.contains(focused) && focused.matches(":focus-visible");
  return isChosen || isFocused;
}

function put(part, fresh) {
  const open = [...part.querySelectorAll("details[open]")].map((one) => one.id);
  const scrolled = [...part.querySelectorAll(".wide")].map((one) => one.scrollLeft);
  part.replaceChildren(...fresh.childNodes);
  for (const id of open) part.querySelector(`#${id}`)?.setAttribute("open", "");
  part.querySelectorAll(".wide").forEach((one, place) => { one.scrollLeft = scrolled[place] ?? one.scrollLeft; });
}

function announce(before, after) {
  const news = [...after].filter(([run, one]) => before.get(run)?.state !== one.state);
  if (news.length) told.textContent = news.map(([, one]) => one.told).join("; ");
}

async function refresh() {
  const answer = await fetch(window.location.href, { headers: { accept: "text/html" } });
  if (!answer.ok) throw new Error(answer.statusText);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const before = standing(document);
  const known = new Map([...before].map(([run, one]) => [run, { ...one }]));
  for (const part of parts(document)) {
    const fresh = page.getElementById(part.id);
    const html = fresh?.innerHTML;
    if (!fresh || html === shown.get(part.id) || isUsed(part)) continue;
    put(part, fresh);
    shown.set(part.id, html);
  }
  announce(known, standing(document));
}

const shown = new Map(parts(document).map((one) => [one.id, one.innerHTML]));

function stand(isOn) {
  state.hidden = false;
  state.dataset.state = isOn ? "on" : "off";
  state.textContent = isOn ? state.dataset.on : state.dataset.off;
}

async function again() {
  if (document.visibilityState === "visible") {
    await refresh().then(() => stand(true), () => stand(false));
  }
  window.setTimeout(again, PAUSE);
}

stand(true);
window.setTimeout(again, PAUSE);
