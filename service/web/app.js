// The page: questions and follow-ups, filters, and which of its parts is shown.

import { beginTurn, setNotice } from "./answer.js";
import { byId, button, element } from "./dom.js";
import { allReports, showLibrary } from "./library.js";
import { showSaved } from "./saved.js";
import { askStreaming, complain, fetchJson } from "./service.js";
import { closeViewer, openReport } from "./viewer.js";
import { english, switchLanguage, t, translatePage } from "./words.js";

const thread = byId("thread");
const questionBox = byId("question");
const submit = byId("submit");
const examplesBox = byId("examples");
const MOST_TURNS = 20; // as many as a request may carry
const turns = []; // {role, content} as the service takes them
let asking = null; // AbortController of the question on its way

// --- asking --------------------------------------------------------------------------------

async function ask(question) {
  asking?.abort();
  asking = new AbortController();
  const mine = asking;
  submit.disabled = true;
  examplesBox.hidden = true;
  closeViewer(false);
  const begun = beginTurn(question);
  thread.append(begun.turn);
  const request = { question, history: turns.slice(-MOST_TURNS), filters: chosenFilters() };
  try {
    const response = await askStreaming(request, mine.signal, begun.stream);
    begun.finish(response, ask);
    if (thread.children.length > 1) begun.turn.scrollIntoView({ block: "start" });
    remember(response);
    questionBox.value = "";
  } catch (error) {
    if (error.name === "AbortError") begun.turn.remove();
    complain(error, begun.turn, () => {
      begun.turn.remove();
      ask(question);
    });
  } finally {
    if (asking === mine) submit.disabled = false;
  }
}

function remember(response) {
  turns.push({ role: "user", content: response.question });
  turns.push({ role: "assistant", content: response.answer.slice(0, 8000) });
  byId("new").hidden = false;
  if (location.pathname === "/") {
    const address = turns.length === 2 ? `?q=${encodeURIComponent(response.question)}` : "";
    history.replaceState(null, "", address || "/");
  }
}

function startAnew() {
  asking?.abort();
  turns.length = 0;
  thread.replaceChildren();
  closeViewer(false);
  byId("new").hidden = true;
  examplesBox.hidden = !examplesBox.hasChildNodes();
  history.replaceState(null, "", "/");
  questionBox.focus();
}

// A conversation by its link: the stored answers, as they were given.
async function openConversation(ids) {
  for (const id of ids) {
    const begun = beginTurn("…");
    thread.append(begun.turn);
    try {
      const stored = await fetchJson(`/v1/answers/${encodeURIComponent(id)}`);
      const response = stored.response ?? stored;
      begun.finish(response, ask);
      turns.push({ role: "user", content: response.question });
      turns.push({ role: "assistant", content: response.answer.slice(0, 8000) });
      byId("new").hidden = false;
    } catch (error) {
      complain(error, begun.turn, () => {
        begun.turn.remove();
        openConversation([id]);
      });
    }
  }
}

// --- filters -------------------------------------------------------------------------------

function chosenFilters() {
  const chosen = (id) => [...byId(id).selectedOptions].map((option) => option.value);
  const codes = byId("filter-code").value.split(/[\s,，、;；]+/).filter(Boolean);
  const filters = { brokers: chosen("filter-broker"), report_ids: chosen("filter-report"), stock_codes: codes };
  if (byId("filter-from").value) filters.published_from = byId("filter-from").value;
  if (byId("filter-to").value) filters.published_to = byId("filter-to").value;
  return filters;
}

function countFilters() {
  const filters = chosenFilters();
  const count = Object.values(filters).reduce((sum, one) => sum + (Array.isArray(one) ? one.length : 1), 0);
  byId("filter-count").textContent = count ? t("active", count) : "";
}

async function fillFilters() {
  const broker = byId("filter-broker");
  if (broker.options.length) return;
  try {
    const reports = (await allReports()).filter((report) => report.status === "indexed");
    const option = (value, words) => {
      const made = element("option", "", words);
      made.value = value;
      return made;
    };
    const brokers = [...new Set(reports.map((report) => report.broker).filter(Boolean))].sort();
    broker.replaceChildren(...brokers.map((name) => option(name, name)));
    byId("filter-report").replaceChildren(
      ...reports.map((report) => option(report.report_id, report.title || report.report_id)),
    );
  } catch (error) {
    if (error.status === 401) complain(error, element("div"), fillFilters);
  }
}

function clearFilters() {
  for (const id of ["filter-broker", "filter-report"]) byId(id).selectedIndex = -1;
  for (const id of ["filter-code", "filter-from", "filter-to"]) byId(id).value = "";
  countFilters();
}

// --- parts ---------------------------------------------------------------------------------

const PARTS = { ask: "talk", library: "library", saved: "saved" };

function show(part) {
  for (const [name, id] of Object.entries(PARTS)) {
    byId(id).hidden = name !== part;
    byId(`to-${name}`).setAttribute("aria-pressed", String(name === part));
  }
  closeViewer(false);
  if (part === "library") showLibrary();
  if (part === "saved") showSaved((question) => {
    show("ask");
    ask(question);
  });
}

// --- beginning -----------------------------------------------------------------------------

async function showExamples() {
  try {
    const { questions, notice } = await fetchJson("/examples.json");
    setNotice(notice);
    examplesBox.replaceChildren(
      ...questions.map((question) => button("", () => ask(question), question)),
    );
    examplesBox.hidden = questions.length === 0 || thread.hasChildNodes();
  } catch (error) {
    if (error.status === 401) complain(error, examplesBox, showExamples);
    // Without examples the page still asks: nothing else to say here.
  }
}

function openFromAddress() {
  const given = new URLSearchParams(location.search);
  const path = /^\/reports\/([^/]+)$/.exec(location.pathname);
  if (path) {
    const offset = (name) => (/^\d{1,12}$/.test(given.get(name) ?? "") ? Number(given.get(name)) : null);
    const [start, end] = [offset("start"), offset("end")];
    let reportId = path[1];
    try {
      reportId = decodeURIComponent(path[1]);
    } catch {
      // a broken escape names no report; the service will say so
    }
    openReport(reportId, { start: end === null ? null : start, end, cell: null, version: given.get("v") });
    return;
  }
  const answers = (given.get("a") ?? "").split(",").filter((id) => /^ans_\w+$/.test(id));
  const question = given.get("q");
  if (answers.length) openConversation(answers.slice(0, MOST_TURNS));
  else if (question) ask(question);
}

byId("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const question = questionBox.value.trim();
  if (question) ask(question);
});

questionBox.addEventListener("keydown", (event) => {
  // While an input method composes Chinese, Enter belongs to it.
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    byId("form").requestSubmit();
  }
});

byId("new").addEventListener("click", startAnew);
byId("filters").addEventListener("toggle", fillFilters);
byId("filters").addEventListener("input", countFilters);
byId("filter-clear").addEventListener("click", clearFilters);
for (const name of Object.keys(PARTS)) byId(`to-${name}`).addEventListener("click", () => show(name));
byId("language").addEventListener("click", switchLanguage);
if (english) {
  byId("language").textContent = "中文";
  byId("language").lang = "zh-CN";
}
translatePage();
showExamples();
openFromAddress();
