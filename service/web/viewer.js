// The cited report beside the answer: its text, its pages as pictures, its outline, its figures.

import { byId, button, element, grid } from "./dom.js";
import { lines, marksIn } from "./report.js";
import { call, complain, fetchJson } from "./service.js";
import { t, valued } from "./words.js";

const viewer = byId("viewer");
const MAX_TEXTS = 8; // report texts kept in memory; one is some 10 kB, a prospectus 2 MB
const texts = new Map(); // report id and version -> Promise of {report, text}
let opener = null; // the button that opened the viewer; focus returns to it
let pictured = null; // address of the page picture that is shown

export function openCitation(citation, from) {
  opener = from;
  for (const one of document.querySelectorAll("#talk [aria-current]")) {
    one.removeAttribute("aria-current");
  }
  from.setAttribute("aria-current", "true");
  const turn = from.closest(".turn");
  if (citation.marker !== null && turn) {
    for (const one of turn.querySelectorAll(`[data-marker="${citation.marker}"]`)) {
      one.setAttribute("aria-current", "true");
    }
  }
  const version = citation.url ? new URL(citation.url, location.href).searchParams.get("v") : null;
  const { start, end, cell, page, rects } = citation;
  openReport(citation.report_id, { start, end, cell, page, version, rects });
}

function load(reportId, version) {
  const key = `${reportId} ${version ?? ""}`;
  let loading = texts.get(key);
  if (!loading) {
    const path = `/v1/reports/${encodeURIComponent(reportId)}`;
    const asked = version ? `?v=${encodeURIComponent(version)}` : "";
    loading = Promise.all([
      fetchJson(path),
      // .text() would swallow a first U+FEFF and shift every offset by one.
      call(`${path}/text${asked}`)
        .catch(() => call(`${path}/text`))
        .then((response) => response.arrayBuffer())
        .then((bytes) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes)),
    ]).then(([report, text]) => ({ report, text }));
    loading.catch(() => texts.delete(key));
    if (texts.size >= MAX_TEXTS) texts.delete(texts.keys().next().value);
    texts.set(key, loading);
  }
  return loading;
}

export function forget(reportId) {
  for (const key of texts.keys()) if (key.startsWith(`${reportId} `)) texts.delete(key);
}

// place: {start, end, cell, page, version, rects}, each may be null.
export async function openReport(reportId, place, from) {
  if (from) opener = from;
  viewer.hidden = false;
  document.body.classList.add("two");
  viewer.setAttribute("aria-busy", "true");
  try {
    const { report, text } = await load(reportId, place.version);
    showReport(report, text, place);
  } catch (error) {
    complain(error, viewer, () => openReport(reportId, place));
    viewer.append(button("", () => closeViewer(true), t("close")));
  } finally {
    viewer.removeAttribute("aria-busy");
  }
}

function showReport(report, text, place) {
  const inside = element("div", "inside");
  const tabs = [
    ["text", (box) => showText(box, report, text, place)],
    ["outline", (box) => showOutline(box, report)],
    ["facts", (box) => showFacts(box, report)],
  ];
  if (report.pages && report.file.type !== "txt") {
    const first = place.page ?? pageAt(text, place.start ?? 0);
    tabs.splice(1, 0, ["pages_tab", (box) => showPage(box, report, place, first)]);
  }
  const bar = element("div", "tabs");
  bar.setAttribute("role", "group");
  const choose = (name, fill) => {
    for (const one of bar.children) one.setAttribute("aria-pressed", String(one.name === name));
    inside.replaceChildren();
    fill(inside);
  };
  for (const [name, fill] of tabs) {
    const made = button("", () => choose(name, fill), t(name));
    made.name = name;
    bar.append(made);
  }
  viewer.replaceChildren(viewerHead(report, place), bar, inside);
  choose(...tabs[0]);
  viewer.focus({ preventScroll: true });
}

function pageAt(text, point) {
  let page = 1;
  let at = 0;
  for (const character of text) {
    if (at >= point) break;
    if (character === "\f") page += 1;
    at += 1;
  }
  return page;
}

function showText(box, report, text, place) {
  const body = element("div", "text");
  body.tabIndex = 0;
  body.setAttribute("role", "document");
  body.setAttribute("aria-label", t("whole-text"));
  if (place.version && !report.file.sha256.startsWith(place.version)) {
    body.append(element("p", "notice", t("old-version")));
  }
  const marked = place.start !== null && place.start !== undefined && place.start < place.end;
  body.append(...lines(text, marked ? marksIn(text, place) : null));
  box.append(body);
  const target = [".cell", "mark", "tr.cited"].map((s) => body.querySelector(s)).find(Boolean);
  if (target) scrollTo(body, target);
}

// Scrolls both ways inside the report only; scrollIntoView would move the whole page too.
function scrollTo(body, target) {
  const wide = target.closest(".wide");
  const box = target.getBoundingClientRect();
  const frame = body.getBoundingClientRect();
  body.scrollTop += box.top - frame.top - frame.height / 3;
  if (wide) wide.scrollLeft += box.left - frame.left - frame.width / 2;
}

// --- pages ---------------------------------------------------------------------------------------

async function showPage(box, report, place, number) {
  const body = element("div", "text page");
  body.tabIndex = 0;
  const turn = (to) => {
    body.replaceChildren();
    body.remove();
    box.replaceChildren();
    showPage(box, report, place, to);
  };
  const before = button("", () => turn(number - 1), t("previous"));
  const after = button("", () => turn(number + 1), t("next"));
  before.disabled = number <= 1;
  after.disabled = number >= report.pages;
  const where = element("span", "", t("page-image", number, report.pages));
  box.append(element("div", "turning", before, where, after), body);
  const asked = new URLSearchParams();
  if (place.start !== null && place.start !== undefined && place.start < place.end) {
    asked.set("start", place.start);
    asked.set("end", place.end);
  }
  if (place.version) asked.set("v", place.version);
  try {
    const path = `/v1/reports/${encodeURIComponent(report.report_id)}/pages/${number}.png?${asked}`;
    const picture = await (await call(path)).blob();
    if (pictured) URL.revokeObjectURL(pictured);
    pictured = URL.createObjectURL(picture);
    const image = element("img");
    image.alt = t("page-image", number, report.pages);
    image.src = pictured;
    body.append(image);
    await image.decode();
    await scrollToMark(body, image, report, place, number);
  } catch (error) {
    body.append(element("p", "notice", error.status === 501 ? t("no-picture") : error.message));
  }
}

// Brings the marked words into view: rectangles are in points, the picture has a size of its own.
async function scrollToMark(body, image, report, place, number) {
  const rect = place.rects?.find((one) => one.page === number);
  if (!rect) return;
  const path = `/v1/reports/${encodeURIComponent(report.report_id)}/outline`;
  const size = (await fetchJson(path)).pages[number - 1];
  if (!size) return;
  const top = image.offsetTop - body.offsetTop + (rect.y0 / size.height) * image.clientHeight;
  body.scrollTop = Math.max(top - body.clientHeight / 3, 0);
}

// --- outline and figures ---------------------------------------------------------------------------

async function showOutline(box, report) {
  const body = element("div", "text outline");
  box.append(body);
  try {
    const path = `/v1/reports/${encodeURIComponent(report.report_id)}/outline`;
    const { headings, tables, pictures } = await fetchJson(path);
    const entry = (words, one, level) => {
      const made = button("link", (self) => openReport(report.report_id, { ...one, cell: null, version: null }, self), words);
      made.style.marginInlineStart = `${(level - 1) * 1.2}rem`;
      return element("li", "", made, one.page ? ` · ${t("page", one.page)}` : "");
    };
    const part = (name, entries) =>
      entries.length ? [element("h3", "", t(name)), element("ul", "", ...entries)] : [];
    body.append(
      metadata(report),
      ...part("headings", headings.map((one) => entry(one.title, { ...one, end: one.start + Array.from(one.title).length }, one.level))),
      ...part("tables", tables.map((one) => entry(`${one.title ?? "–"}（${one.rows} × ${one.columns}）`, one, 1))),
      ...part("pictures", pictures.filter((one) => one.caption).map((one) => entry(one.caption, one, 1))),
    );
  } catch (error) {
    complain(error, body, () => showOutline(box, report));
  }
}

function metadata(report) {
  const people = report.analysts.map((one) => (one.licence ? `${one.name}（${one.licence}）` : one.name));
  const known = [
    ["title", report.title],
    ["broker", report.broker],
    ["date", report.published],
    ["analysts", people.join("、")],
    ["code", report.stock_codes.join("、")],
    ["rating", report.rating],
    ["file", report.file.name],
    ...report.warnings.map((warning) => ["state", warning]),
  ].filter(([, value]) => value);
  const list = element("dl", "");
  for (const [name, value] of known) list.append(element("dt", "", t(name)), element("dd", "", value));
  return list;
}

async function showFacts(box, report, cursor = null) {
  let body = box.querySelector(".facts-list");
  if (!body) {
    body = element("div", "text facts-list");
    box.append(body);
  }
  body.querySelector(".more")?.remove();
  try {
    const asked = new URLSearchParams({ report_id: report.report_id, limit: "100" });
    if (cursor) asked.set("cursor", cursor);
    const { facts, next } = await fetchJson(`/v1/facts?${asked}`);
    const rows = facts.map((fact) => [
      fact.subject,
      fact.metric_name ?? fact.metric,
      [fact.period, fact.kind ? t(fact.kind) : ""].filter(Boolean).join(" "),
      button("link", (self) => openCitation({ ...fact.citation, marker: null }, self), valued(fact.value, fact.unit)),
    ]);
    if (rows.length) {
      body.append(grid("", ["subject", "metric", "period", "value"].map((name) => t(name)), rows));
    } else if (!cursor) body.append(element("p", "", t("no-facts")));
    if (next) body.append(button("more", () => showFacts(box, report, next), t("more")));
  } catch (error) {
    complain(error, body, () => showFacts(box, report, cursor));
  }
}

function viewerHead(report, place) {
  const line = [report.broker, report.published, report.rating].filter(Boolean).join(" · ");
  const title = report.title || report.report_id;
  const id = encodeURIComponent(report.report_id);
  const link = element("a", "", t("here"));
  const version = place.version ?? report.file.sha256.slice(0, 12);
  const placed = place.start !== null && place.start !== undefined;
  link.href = placed
    ? `/reports/${id}?start=${place.start}&end=${place.end}&v=${version}`
    : `/reports/${id}`;
  return element(
    "div",
    "viewer-head",
    element("div", "", element("h2", "", title), element("p", "", line ? `${line} · ` : "", link)),
    button("", () => closeViewer(true), t("close")),
  );
}

export function closeViewer(giveBackFocus) {
  viewer.hidden = true;
  viewer.replaceChildren();
  document.body.classList.remove("two");
  if (giveBackFocus && opener?.isConnected) opener.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !viewer.hidden) closeViewer(true);
});
