"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const make = (tag, text, cls) => {
  const node = document.createElement(tag);
  if (text !== undefined && text !== null) node.textContent = text;
  if (cls) node.className = cls;
  return node;
};
const faulty = (item) => item.runs.some((run) => run && (run.error || run.faults.length));
const codesOf = (item) => new Set(item.runs.flatMap((run) => (run ? (run.error ? ["error"] : run.codes) : [])));

function fill(id, values) {
  const select = byId(id);
  select.append(new Option("all", ""));
  for (const [value, count] of [...values].sort()) select.append(new Option(`${value} (${count})`, value));
}
function counted(lists) {
  const counts = new Map();
  for (const list of lists) for (const value of new Set(list)) counts.set(value, (counts.get(value) || 0) + 1);
  return counts;
}
fill("type", counted(data.items.map((item) => [item.type])));
fill("split", counted(data.items.map((item) => [item.split])));
fill("tag", counted(data.items.map((item) => item.tags)));
fill("fault", counted(data.items.map((item) => codesOf(item))));

function highlighted(citation) {
  const quote = [...citation.quote]; // offsets count code points, strings count UTF-16 units
  const kind = new Array(quote.length).fill("");
  for (const [start, end] of citation.gold) kind.fill("gold", Math.max(0, start), end);
  if (citation.cell) kind.fill("cell", Math.max(0, citation.cell[0]), citation.cell[1]);
  const block = make("blockquote");
  for (let at = 0; at < quote.length; ) {
    let end = at;
    while (end < quote.length && kind[end] === kind[at]) end += 1;
    const text = quote.slice(at, end).join("");
    block.append(kind[at] ? make("mark", text, kind[at]) : text);
    at = end;
  }
  const where = `[${citation.marker}] ${citation.report}:${citation.start}` +
    (citation.cell ? ` · ${citation.cell[2]}` : "") + (citation.verbatim ? "" : " · NOT VERBATIM");
  block.append(make("small", where));
  return block;
}

function shownRun(name, run, many) {
  const box = make("div");
  if (many) box.append(make("h2", name));
  if (!run) { box.append(make("p", "not asked in this run", "turn")); return box; }
  for (const [role, content] of run.history) box.append(make("div", `${role}: ${content}`, "turn"));
  box.append(make("h2", run.question));
  const pair = make("div", null, "pair");
  const answer = make("div"); answer.append(make("b", `answer · ${run.kind || ""} ${run.reason || ""} · confidence ${run.confidence} · ${run.ms} ms`), run.answer || "");
  const gold = make("div");
  const words = run.gold.map((group) => group.join(" | ")).join("\n") || "(to be refused)";
  gold.append(make("b", "gold"), words + (run.forbid.length ? `\nforbidden: ${run.forbid.join(" | ")}` : ""));
  pair.append(answer, gold);
  box.append(pair);
  if (run.error) box.append(make("div", `error: ${run.error}`, "fault"));
  for (const fault of run.faults) box.append(make("div", fault, "fault"));
  for (const citation of run.citations) box.append(highlighted(citation));
  const missed = make("details");
  missed.append(make("summary", `evidence (${run.evidence.length}) and measures`));
  for (const [report, quote] of run.evidence) missed.append(make("blockquote", `${report}: ${quote}`));
  missed.append(make("div", Object.entries(run.measures).map(([k, v]) => `${k} ${v.toFixed(3)}`).join(" · "), "turn"));
  box.append(missed);
  return box;
}

function shownItem(item) {
  const article = make("article", null, faulty(item) ? "wrong" : "");
  const head = make("header");
  for (const word of [item.id, item.type, item.split, ...item.tags]) head.append(make("span", word, "tag"));
  if (item.note) head.append(make("span", item.note));
  const runs = make("div", null, "runs");
  item.runs.forEach((run, n) => runs.append(shownRun(data.runs[n], run, data.runs.length > 1)));
  article.append(head, runs);
  return article;
}

const STEP = 50;
let chosen = [];
function more() {
  const list = byId("items");
  const from = list.querySelectorAll("article").length;
  list.querySelector("button")?.remove();
  list.append(...chosen.slice(from, from + STEP).map(shownItem));
  if (from + STEP < chosen.length) {
    const button = make("button", `show ${Math.min(STEP, chosen.length - from - STEP)} more`);
    button.onclick = more;
    list.append(button);
  }
}
const flipped = (item) => new Set(item.runs.map((run) => run && run.right)).size > 1;
const ORDERS = {
  ms: (item) => -(item.runs[0]?.ms ?? 0),
  confidence: (item) => item.runs[0]?.confidence ?? 2,
  flip: (item) => (flipped(item) ? 0 : 1),
};
function draw() {
  const [type, split, tag, fault, order] = ["type", "split", "tag", "fault", "order"].map((id) => byId(id).value);
  const words = byId("words").value.trim().toLowerCase();
  chosen = data.items.filter((item) =>
    (!type || item.type === type) && (!split || item.split === split) && (!tag || item.tags.includes(tag)) &&
    (!fault || codesOf(item).has(fault)) && (!byId("bad").checked || faulty(item)) &&
    (!words || item.runs.some((run) => run && `${item.id} ${run.question} ${run.answer}`.toLowerCase().includes(words))));
  if (order) chosen.sort((a, b) => ORDERS[order](a) - ORDERS[order](b));
  byId("count").textContent = `${chosen.length} of ${data.items.length} questions`;
  byId("items").replaceChildren();
  more();
}
byId("filters").addEventListener("input", draw);
byId("filters").addEventListener("submit", (event) => event.preventDefault());
draw();
