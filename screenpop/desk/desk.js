// The agent's page: it shows what the stream of pops tells. All text goes in by
// textContent, so nothing of a caller or a client system is ever markup.
"use strict";

const words = JSON.parse(document.getElementById("words").textContent);
const say = (key, ...values) => (words[key] ?? key).replace(/\{(\d)\}/g, (_, i) => values[i]);
const $ = (id) => document.getElementById(id);
const extension = $("extension").textContent;
const language = document.documentElement.lang;
const pops = new Map(); // by pop_id: {pop, node}
const keep = 50;
let epoch = null;

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

const over = (pop) => pop.state === "ended" || pop.state === "moved";
const clientName = (pop) => pop.client || say("unknown_client");
const seconds = (from, to) => Math.max(0, Math.floor(((to ? new Date(to) : new Date()) - new Date(from)) / 1000));
const clock = (n) => `${Math.floor(n / 60)}:${String(n % 60).padStart(2, "0")}`;

function put(list, pairs) {
  list.replaceChildren();
  for (const [name, value] of pairs) {
    const pair = make("div");
    pair.append(make("dt", "", name), make("dd", "", value));
    list.append(pair);
  }
}

function note(data) {
  if (data.status === "failed") return words["reason_" + data.reason] ?? say("reason_failed");
  if (data.status === "ok" && data.fields.length === 0) return say("data_empty");
  return say("data_" + data.status);
}

function fill(node, pop) {
  node.dataset.state = pop.state;
  node.dataset.pop = pop.pop_id;
  node.querySelector(".chip").textContent = say(pop.state);
  node.querySelector(".client").textContent = clientName(pop);
  const caller = pop.calling_number_withheld ? say("withheld") : pop.calling_number;
  const facts = [["access_id", pop.access_id], ["serial", pop.serial], ["calling_number", caller], ["called", pop.called]];
  put(node.querySelector(".facts"), facts.filter((f) => f[1]).map((f) => [say(f[0]), f[1]]));
  const why = node.querySelector(".note");
  const text = pop.identify_status === "resolved" ? note(pop.data) : (words["status_" + pop.identify_status] ?? pop.identify_status);
  if (why.textContent !== text) why.textContent = text;
  why.dataset.bad = pop.data.status === "failed" ? "yes" : "no";
  const fields = node.querySelector(".fields");
  fields.replaceChildren();
  for (const f of pop.data.fields) fields.append(make("dt", "", f.name), make("dd", "", f.value));
  const retry = node.querySelector(".retry");
  retry.hidden = !pop.data.retry;
  retry.disabled = false;
  const crm = node.querySelector(".crm");
  crm.hidden = !pop.url;
  if (pop.url.startsWith("https://")) crm.href = pop.url;
}

function card(pop) {
  const node = $("pop").content.firstElementChild.cloneNode(true);
  const retry = node.querySelector(".retry");
  retry.addEventListener("click", async () => {
    retry.disabled = true;
    const answer = await fetch(`/v1/pops/${encodeURIComponent(pop.pop_id)}/claim`, { method: "POST" }).catch(() => null);
    if (!answer?.ok) retry.disabled = false;
  });
  return node;
}

function line(pop, node) {
  const item = make("li");
  const details = make("details");
  const head = make("summary");
  const at = make("time", "", new Date(pop.rang_at).toLocaleTimeString(language, { hour12: false }));
  at.dateTime = pop.rang_at;
  const length = pop.answered_at ? clock(seconds(pop.answered_at, pop.ended_at)) : "–";
  const middle = make("span", "name", clientName(pop));
  head.append(at, middle, make("span", "number", length));
  details.append(head, node);
  item.append(details);
  return item;
}

// place puts a pop among the calls that are up, or into the history.
function place(entry) {
  const { pop } = entry;
  if (!over(pop)) {
    entry.item?.remove();
    entry.item = null;
    if (entry.node.parentNode !== $("now")) $("now").prepend(entry.node);
    return;
  }
  if (entry.item) return;
  entry.node.remove();
  entry.item = line(pop, entry.node);
  const next = [...pops.values()].filter((e) => e !== entry && e.item && e.pop.rang_at <= pop.rang_at)
    .sort((a, b) => (a.pop.rang_at < b.pop.rang_at ? 1 : -1))[0];
  $("history").insertBefore(entry.item, next ? next.item : null);
}

function drop(entry) {
  (entry.item ?? entry.node).remove();
  pops.delete(entry.pop.pop_id);
}

function show(pop) {
  let entry = pops.get(pop.pop_id);
  if (entry && entry.pop.version >= pop.version) return;
  const before = entry?.pop.state;
  if (!entry) {
    entry = { node: card(pop) };
    pops.set(pop.pop_id, entry);
  }
  entry.pop = pop;
  fill(entry.node, pop);
  place(entry);
  if (pop.state !== before && !over(pop)) {
    $("announce").textContent = `${say(pop.state)}. ${say("calling_from", clientName(pop))}`;
  }
  if (pops.size > keep) drop([...pops.values()].sort((a, b) => (a.pop.rang_at < b.pop.rang_at ? -1 : 1))[0]);
  tick();
  summary();
}

function summary() {
  const live = [...pops.values()].filter((e) => !over(e.pop)).map((e) => e.pop);
  $("idle").hidden = live.length > 0;
  $("none").hidden = live.length < pops.size;
  const rings = live.find((p) => p.state === "ringing");
  document.title = rings ? `☎ ${clientName(rings)}` : `${say("desk")} ${extension} · sipid`;
}

function tick() {
  for (const { pop, node } of pops.values()) {
    const from = pop.answered_at ?? pop.rang_at;
    node.querySelector(".clock").textContent = over(pop) && !pop.answered_at ? "" : clock(seconds(from, pop.ended_at));
  }
}

function link(state, word) {
  if ($("link").dataset.state !== state) {
    $("link").dataset.state = state;
    $("link").textContent = say(word);
  }
}

// A stream that got a refusal does not try again by itself. Which refusal it was
// only another request tells.
async function refused(url) {
  const stop = new AbortController();
  const answer = await fetch(url, { signal: stop.signal }).catch(() => null);
  stop.abort();
  if (answer?.status === 401 || answer?.status === 403) location.reload();
  link("lost", answer?.status === 429 ? "too_many" : "lost");
  setTimeout(connect, 5000);
}

function connect() {
  const url = `/v1/pops/stream?agent=${encodeURIComponent(extension)}`;
  const stream = new EventSource(url);
  stream.addEventListener("open", () => link("connected", "connected"));
  stream.addEventListener("hello", (e) => {
    const now = JSON.parse(e.data).epoch;
    if (epoch && epoch !== now) for (const entry of [...pops.values()]) drop(entry);
    epoch = now;
    summary();
  });
  stream.addEventListener("pop", (e) => show(JSON.parse(e.data)));
  stream.addEventListener("error", () => {
    link("lost", "lost");
    if (stream.readyState === EventSource.CLOSED) refused(url);
  });
}

summary();
setInterval(tick, 500);
connect();
