// The supervisor's page: counts and small charts, asked for every other second.
"use strict";

const words = JSON.parse(document.getElementById("words").textContent);
const say = (key, ...values) => (words[key] ?? key).replace(/\{(\d)\}/g, (_, i) => values[i]);
const $ = (id) => document.getElementById(id);

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function draw(tag, attributes, text) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== undefined) node.textContent = text;
  return node;
}

const sum = (list, key) => list.reduce((n, m) => n + m[key], 0);

function numbers(wall) {
  for (const id of ["live", "talking", "ringing"]) $(id).textContent = wall[id];
  const calls = sum(wall.minutes, "calls");
  $("rate").textContent = calls ? `${Math.floor((1000 * sum(wall.minutes, "resolved")) / calls) / 10} %` : "–";
}

// minutes is one bar for each minute: identified below, the rest on top.
function minutes(wall) {
  const width = 600, height = 150, foot = 18, step = width / wall.minutes.length;
  const top = Math.max(4, ...wall.minutes.map((m) => m.calls));
  const label = say("minutes_label", sum(wall.minutes, "calls"), sum(wall.minutes, "resolved"));
  const svg = draw("svg", { viewBox: `0 0 ${width} ${height + foot}`, role: "img", "aria-label": label });
  for (const part of [0.5, 1]) {
    const y = height - (height - 14) * part;
    svg.append(draw("line", { x1: 0, x2: width, y1: y, y2: y, class: "axis" }), draw("text", { x: 0, y: y - 3 }, Math.round(top * part)));
  }
  wall.minutes.forEach((m, i) => {
    const scale = (height - 14) / top, yes = m.resolved * scale, no = (m.calls - m.resolved) * scale;
    const bar = { x: (i * step + 1).toFixed(1), width: (step - 2).toFixed(1) };
    if (yes) svg.append(draw("rect", { ...bar, y: height - yes, height: yes, class: "yes" }));
    if (no) svg.append(draw("rect", { ...bar, y: height - yes - no, height: no, class: "no" }));
  });
  svg.append(draw("line", { x1: 0, x2: width, y1: height, y2: height, class: "axis" }),
    draw("text", { x: 0, y: height + 14 }, say("ago_60")), draw("text", { x: width, y: height + 14, "text-anchor": "end" }, say("ago_0")));
  $("minutes").replaceChildren(svg);
}

function clients(wall) {
  const top = Math.max(1, ...wall.clients.map((c) => c.calls));
  const bars = make("div", "bars");
  for (const c of wall.clients) {
    const svg = draw("svg", { viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" });
    svg.append(draw("rect", { x: 0, y: 0, width: (100 * c.calls) / top, height: 10, rx: 1, class: "yes" }));
    bars.append(make("span", "", c.access_id ? `${c.client} (${c.access_id})` : say("others")), svg, make("b", "", c.calls));
  }
  $("clients").replaceChildren(wall.clients.length ? bars : make("p", "hint", say("no_calls")));
}

function calls(wall) {
  const rows = wall.list.map((c) => {
    const row = make("tr");
    const n = Math.max(0, Math.floor((new Date(wall.at) - new Date(c.since)) / 1000));
    const state = make("td");
    const chip = make("span", "chip", say(c.state));
    chip.dataset.state = c.state;
    state.append(chip);
    row.append(make("td", "", c.client || say("unknown_client")), make("td", "", c.agent || "–"), state,
      make("td", "", `${Math.floor(n / 60)}:${String(n % 60).padStart(2, "0")}`));
    return row;
  });
  $("calls").replaceChildren(...rows);
  $("no-calls").hidden = rows.length > 0;
}

function link(state, word) {
  if ($("link").dataset.state !== state) {
    $("link").dataset.state = state;
    $("link").textContent = say(word);
  }
}

async function look() {
  const answer = await fetch("/v1/wall").catch(() => null);
  if (answer?.status === 401 || answer?.status === 403) location.reload();
  if (answer?.ok) {
    const wall = await answer.json();
    numbers(wall);
    minutes(wall);
    clients(wall);
    calls(wall);
  }
  link(answer?.ok ? "connected" : "lost", answer?.ok ? "connected" : "lost");
  setTimeout(look, 2000);
}

look();
