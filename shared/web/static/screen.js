// A display screen: turns its views, follows releases, blanks when its lease lapses. Times are measured with the monotonic
// clock, since the clock of a panel is often wrong.

const STAND_MS = 15_000;
const RELOAD_MS = [10_000, 40_000];
const body = document.body;
const zone = body.dataset.zone;
const acknowledged = new Set();

let token = body.dataset.lease;
let lapses = performance.now() + Number(body.dataset.leaseSeconds) * 1000;
let serverAhead = Date.parse(body.dataset.now) - performance.now();
let again = body.dataset.again;
let blank = false;
let paused = false;
let reload = 0;
let shownSince = performance.now();

const views = () => [...document.querySelectorAll("[data-view]")];
const current = () => Math.max(0, views().findIndex((view) => !view.hidden));
const serverNow = () => new Date(serverAhead + performance.now());

function show(index) {
  const all = views();
  all.forEach((view, place) => { view.hidden = place !== index; });
  shownSince = performance.now();
  drawDots(all.length, index);
  acknowledge(all[index]?.querySelectorAll("[data-item]") ?? []);
}

function drawDots(count, index) {
  const dots = document.querySelector(".dots");
  if (!dots) return;
  dots.replaceChildren(...Array.from({ length: count }, (_, place) => {
    const dot = document.createElement("i");
    dot.classList.toggle("on", place === index);
    return dot;
  }));
}

function turn() {
  if (blank || paused || performance.now() - shownSince < STAND_MS) return;
  const next = current() + 1;
  if (next < views().length) show(next);
  else if (again) refresh(again).catch(() => show(0));
  else show(0);
}

async function refresh(address) {
  const response = await fetch(address, { credentials: "same-origin" });
  if (!response.ok) throw new Error(response.status);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  document.querySelector("main").replaceChildren(...page.querySelector("main").childNodes);
  again = page.body.dataset.again;
  show(0);
}

function refreshSoon() {
  clearTimeout(reload);
  const [least, most] = RELOAD_MS;
  reload = setTimeout(() => refresh(location.href).catch(() => {}), least + Math.random() * (most - least));
}

function of(item) {
  return [...document.querySelectorAll(`[data-item="${CSS.escape(item)}"]`)];
}

function parsed(html, parent) {
  const holder = document.createElement(parent);
  holder.innerHTML = html;
  return holder.firstElementChild;
}

function headed(text) {
  const head = document.createElement("div");
  head.className = "sc-title";
  head.append(Object.assign(document.createElement("h1"), { textContent: text }));
  return head;
}

function dropEmptyViews() {
  views().filter((view) => !view.querySelector("[data-item]")).forEach((view) => view.remove());
}

function withdraw(news) {
  const shown = views()[current()];
  of(news.item_id).forEach((element) => element.remove());
  dropEmptyViews();
  if (!shown?.isConnected) show(0);
  if (!views().length) refresh(location.href).catch(() => {});
  acknowledge([{ dataset: { item: news.item_id, version: news.version } }]);
}

function publish(news) {
  of(news.item_id).filter((element) => element.tagName === "TR").forEach((row) => {
    if (news.row) row.replaceWith(parsed(news.row, "tbody"));
  });
  of(news.item_id).filter((element) => element.tagName !== "TR").forEach((card) => card.remove());
  dropEmptyViews();
  const view = document.createElement("section");
  view.dataset.view = "";
  view.append(headed(body.dataset.newest), parsed(news.card, "div"));
  document.querySelector("[data-views]").prepend(view);
  show(0);
  refreshSoon();
}

function renew(lease) {
  token = lease.token;
  lapses = performance.now() + lease.seconds * 1000;
  serverAhead = Date.parse(lease.now) - performance.now();
  const shown = document.querySelector("[data-lease-until]");
  if (shown) shown.textContent = lease.until;
  if (blank) location.reload();
}

function blankOut() {
  blank = true;
  const over = document.createElement("main");
  over.className = "sc-over";
  const name = document.createElement("h1");
  name.textContent = body.dataset.bureau;
  const call = document.createElement("p");
  call.textContent = body.dataset.call;
  over.append(name, call);
  body.classList.add("screen-over");
  body.replaceChildren(over);
}

function acknowledge(elements) {
  const shown = [...elements]
    .map((element) => ({ item_id: element.dataset.item, version: Number(element.dataset.version) }))
    .filter(({ item_id, version }) => !acknowledged.has(`${item_id} ${version}`));
  if (!shown.length || blank) return;
  const shown_at = serverNow().toISOString();
  fetch(body.dataset.acks, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ lease: token, shown: shown.map((one) => ({ ...one, shown_at })) }),
  }).then((response) => {
    if (response.ok) shown.forEach(({ item_id, version }) => acknowledged.add(`${item_id} ${version}`));
  }).catch(() => {});
}

function tick() {
  if (!blank && performance.now() > lapses) blankOut();
  const clock = document.querySelector("[data-clock]");
  const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone }).format(serverNow());
  if (clock && clock.textContent !== time) clock.textContent = time;
  turn();
}

function follow() {
  const source = new EventSource(body.dataset.events);
  const hear = (name, act) => source.addEventListener(name, (event) => act(JSON.parse(event.data)));
  hear("released", publish);
  hear("corrected", publish);
  hear("withdrawn", withdraw);
  hear("lease", renew);
  hear("review", refreshSoon);
  hear("resync", () => refresh(location.href).catch(() => {}));
  // A server that refuses ends the source for good; a screen goes on asking.
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) setTimeout(follow, 5_000);
  });
}

document.addEventListener("keydown", (event) => {
  if (event.key === " ") paused = !paused;
});
show(current());
setInterval(tick, 1000);
follow();
