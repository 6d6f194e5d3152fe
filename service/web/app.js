// The page: ask a question, show the answer, open the cited report at the quote.
// Text from the service only ever becomes text nodes: a report that holds markup stays text.
"use strict";

const byId = (id) => document.getElementById(id);
const form = byId("form");
const questionBox = byId("question");
const submit = byId("submit");
const answerBox = byId("answer");
const viewer = byId("viewer");
const examplesBox = byId("examples");
const keyForm = byId("key-form");

const MAX_TEXTS = 8; // report texts kept in memory; one is some 10 kB, a prospectus 2 MB
const texts = new Map(); // report id -> Promise of {report, text}
let asking = null; // AbortController of the question on its way
let opener = null; // the button that opened the viewer; focus returns to it
let retry = null; // what was refused for want of a key

// --- small tools ---------------------------------------------------------------------------

function button(className, action, ...children) {
  const made = element("button", className, ...children);
  made.type = "button";
  made.addEventListener("click", () => action(made));
  return made;
}

const TROUBLE = {
  400: "请求无法识别。",
  404: "没有找到这份研报。",
  408: "请求太慢，请重试。",
  413: "问题太长。",
  422: "问题不符合要求：需为 1 至 2000 个字符。",
  501: "这个版本还不支持此功能。",
  503: "服务繁忙，请稍后重试。",
};

class Trouble extends Error {
  constructor(status) {
    super(TROUBLE[status] || `服务出错（${status}），请稍后重试。`);
    this.status = status;
  }
}

async function call(path, options = {}) {
  const key = sessionStorage.getItem("yanbao-key");
  const headers = { ...options.headers, ...(key ? { Authorization: `Bearer ${key}` } : {}) };
  const response = await fetch(path, { ...options, headers, credentials: "same-origin" });
  if (!response.ok) throw new Trouble(response.status);
  return response;
}

// Shows what went wrong; for a missing key, asks for it and tries again.
function complain(error, box, again) {
  if (error.name === "AbortError") return;
  if (error.status === 401) {
    retry = again;
    keyForm.hidden = false;
    byId("key").focus();
    box.replaceChildren(element("p", "notice", "需要访问密钥。"));
    return;
  }
  const told = error instanceof Trouble ? error.message : "连接不上服务，请检查网络后重试。";
  const notice = element("p", "notice", told);
  notice.setAttribute("role", "alert");
  box.replaceChildren(notice);
}

// --- asking --------------------------------------------------------------------------------

async function ask(question) {
  asking?.abort();
  asking = new AbortController();
  const mine = asking;
  submit.disabled = true;
  answerBox.setAttribute("aria-busy", "true");
  try {
    const response = await call("/v1/ask", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ question }),
      signal: mine.signal,
    });
    showAnswer(await response.json());
    if (location.pathname === "/") {
      history.replaceState(null, "", `/?q=${encodeURIComponent(question)}`);
    }
  } catch (error) {
    complain(error, answerBox, () => ask(question));
  } finally {
    if (asking === mine) {
      submit.disabled = false;
      answerBox.removeAttribute("aria-busy");
    }
  }
}

function showAnswer(response) {
  examplesBox.hidden = true;
  closeViewer(false);
  const said = element("p", response.refused ? "said refused" : "said", ...words(response));
  answerBox.replaceChildren(element("p", "asked", response.question), said, ...notes(response));
  if (response.citations.length) {
    answerBox.append(element("h2", "", "来源"), sources(response.citations.map(citationEntry)));
  } else if (response.passages.length) {
    answerBox.append(
      element("h2", "", "最接近的段落"),
      sources(response.passages.slice(0, 5).map(passageEntry)),
    );
  }
}

// The answer as nodes: highlights bold, each [n] that has a citation a button.
function words(response) {
  const known = new Map(response.citations.map((citation) => [citation.marker, citation]));
  const points = Array.from(response.answer);
  const strong = new Array(points.length).fill(false);
  for (const { start, end } of response.highlights) strong.fill(true, start, end);
  const nodes = [];
  let run = "";
  let bold = false;
  const flush = () => {
    if (run) nodes.push(bold ? element("strong", "", run) : document.createTextNode(run));
    run = "";
  };
  for (let at = 0; at < points.length; at += 1) {
    const mark = points[at] === "[" ? /^\[(\d+)\]/.exec(points.slice(at, at + 6).join("")) : null;
    const citation = mark ? known.get(Number(mark[1])) : undefined;
    if (citation) {
      flush();
      nodes.push(marker(citation));
      at += mark[0].length - 1;
      continue;
    }
    if (strong[at] !== bold) flush();
    bold = strong[at];
    run += points[at];
  }
  flush();
  return nodes;
}

function marker(citation) {
  const made = button("cite", (self) => openCitation(citation, self), `[${citation.marker}]`);
  made.dataset.marker = citation.marker;
  made.setAttribute("aria-label", `引用 ${citation.marker}：${who(citation)}，查看原文`);
  return made;
}

function notes(response) {
  const lines = [];
  if (response.computation) {
    const { expression, result, unit } = response.computation;
    lines.push(`计算：${expression} = ${result}${unit ? ` ${unit}` : ""}`);
  }
  for (const other of response.others) {
    const value = `${other.value}${other.unit ? ` ${other.unit}` : ""}`;
    const source = [other.broker, other.published].filter(Boolean).join("，");
    lines.push(`其他来源：${value}（${source}）`);
  }
  if (!response.refused) lines.push(`把握：${Math.round(response.confidence * 100)}%`);
  return lines.length ? [element("div", "facts", ...lines.map((l) => element("p", "", l)))] : [];
}

function who(citation) {
  const title = citation.title ? `《${citation.title}》` : citation.report_id;
  return [citation.broker, citation.published, title].filter(Boolean).join(" · ");
}

function sources(entries) {
  return element("ol", "sources", ...entries.map((entry) => element("li", "", entry)));
}

function citationEntry(citation) {
  const page = citation.page ? `第 ${citation.page} 页` : "";
  const where = [...citation.section, page].filter(Boolean).join(" › ");
  const made = button(
    "source",
    (self) => openCitation(citation, self),
    element("span", "who", `[${citation.marker}] ${who(citation)}`),
    where ? element("span", "where", where) : null,
    citation.cell ? cellPath(citation.cell) : null,
    element("span", "quote", citation.quote.replaceAll("\t", "  ")),
  );
  made.dataset.marker = citation.marker;
  return made;
}

function cellPath(cell) {
  const path = [cell.table, cell.row, cell.column].filter(Boolean).join(" › ");
  const value = `${cell.value || "（空）"}${cell.unit ? ` ${cell.unit}` : ""}`;
  return element("span", "cell-path", `${path}：`, element("b", "", value));
}

function passageEntry(passage) {
  return button(
    "source",
    (self) => openCitation({ ...passage, marker: null, cell: null }, self),
    element("span", "who", [passage.report_id, ...passage.section].join(" › ")),
    element("span", "quote", passage.text.replaceAll("\t", "  ")),
  );
}

// --- the cited report ----------------------------------------------------------------------

function openCitation(citation, from) {
  opener = from;
  for (const one of answerBox.querySelectorAll("[aria-current]")) {
    one.removeAttribute("aria-current");
  }
  from.setAttribute("aria-current", "true");
  if (citation.marker !== null) {
    for (const one of answerBox.querySelectorAll(`[data-marker="${citation.marker}"]`)) {
      one.setAttribute("aria-current", "true");
    }
  }
  openReport(citation.report_id, citation.start, citation.end, citation.cell, null);
}

function load(reportId) {
  let loading = texts.get(reportId);
  if (!loading) {
    const path = `/v1/reports/${encodeURIComponent(reportId)}`;
    loading = Promise.all([
      call(path).then((response) => response.json()),
      // .text() would swallow a first U+FEFF and shift every offset by one.
      call(`${path}/text`)
        .then((response) => response.arrayBuffer())
        .then((bytes) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes)),
    ]).then(([report, text]) => ({ report, text }));
    loading.catch(() => texts.delete(reportId));
    if (texts.size >= MAX_TEXTS) texts.delete(texts.keys().next().value);
    texts.set(reportId, loading);
  }
  return loading;
}

async function openReport(reportId, start, end, cell, version) {
  viewer.hidden = false;
  document.body.classList.add("two");
  viewer.setAttribute("aria-busy", "true");
  try {
    const { report, text } = await load(reportId);
    showReport(report, text, { start, end, cell, version });
  } catch (error) {
    texts.delete(reportId);
    complain(error, viewer, () => openReport(reportId, start, end, cell, version));
    viewer.append(button("", () => closeViewer(true), "关闭"));
  } finally {
    viewer.removeAttribute("aria-busy");
  }
}

function showReport(report, text, place) {
  const body = element("div", "text");
  body.tabIndex = 0;
  body.setAttribute("role", "document");
  body.setAttribute("aria-label", "研报全文");
  if (place.version && !report.file.sha256.startsWith(place.version)) {
    body.append(element("p", "notice", "链接指向这份研报的旧版本，标记的位置可能已经变动。"));
  }
  const marks = place.start !== null && place.start < place.end ? marksIn(text, place) : null;
  body.append(...lines(text, marks));
  viewer.replaceChildren(viewerHead(report, place), body);
  viewer.focus({ preventScroll: true });
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

function viewerHead(report, place) {
  const line = [report.broker, report.published, report.rating].filter(Boolean).join(" · ");
  const title = report.title || report.report_id;
  const id = encodeURIComponent(report.report_id);
  const link = element("a", "", "此处的链接");
  const version = report.file.sha256.slice(0, 12);
  link.href =
    place.start === null
      ? `/reports/${id}`
      : `/reports/${id}?start=${place.start}&end=${place.end}&v=${version}`;
  const head = element(
    "div",
    "viewer-head",
    element("div", "", element("h2", "", title), element("p", "", line ? `${line} · ` : "", link)),
    button("", () => closeViewer(true), "关闭"),
  );
  return head;
}

function closeViewer(giveBackFocus) {
  viewer.hidden = true;
  viewer.replaceChildren();
  document.body.classList.remove("two");
  if (giveBackFocus && opener?.isConnected) opener.focus();
}

// --- beginning -----------------------------------------------------------------------------

async function showExamples() {
  try {
    const { questions } = await (await call("/examples.json")).json();
    examplesBox.replaceChildren(
      ...questions.map((question) =>
        button("", () => {
          questionBox.value = question;
          ask(question);
        }, question),
      ),
    );
    examplesBox.hidden = questions.length === 0 || answerBox.hasChildNodes();
  } catch (error) {
    if (error.status === 401) complain(error, answerBox, showExamples);
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
    openReport(reportId, end === null ? null : start, end, null, given.get("v"));
    return;
  }
  const question = given.get("q");
  if (question) {
    questionBox.value = question;
    ask(question);
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const question = questionBox.value.trim();
  if (question) ask(question);
});

questionBox.addEventListener("keydown", (event) => {
  // While an input method composes Chinese, Enter belongs to it.
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  }
});

keyForm.addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem("yanbao-key", byId("key").value);
  keyForm.hidden = true;
  answerBox.replaceChildren();
  retry?.();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !viewer.hidden) closeViewer(true);
});

showExamples();
openFromAddress();
