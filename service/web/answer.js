// One turn of the conversation: question, answer as it streams, figures, sources, what to do with it.

import { drawChart } from "./chart.js";
import { announce, button, element, grid, thumb } from "./dom.js";
import { call, complain, fetchJson, post } from "./service.js";
import { openCitation } from "./viewer.js";
import { t, valued } from "./words.js";

let notice = ""; // the line under each answer, as the service is set
export function setNotice(words) {
  notice = words;
}

// An article for a question that is being answered; give it text as it comes, then the response.
export function beginTurn(question) {
  const said = element("p", "said");
  const turn = element("article", "turn", element("p", "asked", question), said);
  turn.setAttribute("aria-busy", "true");
  announce(t("answering"));
  return {
    turn,
    stream: (text) => said.replaceChildren(text),
    finish: (response, again) => finish(turn, response, again),
  };
}

function finish(turn, response, again) {
  turn.removeAttribute("aria-busy");
  turn.response = response;
  // A paragraph holds no table.
  const tag = response.tables?.length ? "div" : "p";
  const said = element(tag, response.refused ? "said refused" : "said", ...told(response));
  turn.replaceChildren(element("p", "asked", response.question), said, ...remarks(response, again));
  const figures = response.figures ?? [];
  // What the answer itself shows as a table is not listed once more.
  if (figures.length > 1 && !response.tables?.length) turn.append(figureTable(response, figures));
  if (figures.length) showChart(turn, figures[0], said);
  if (!response.refused) turn.append(element("p", "notice-line", noticeOf(response)));
  turn.append(actions(response, figures));
  if (response.citations.length) {
    turn.append(element("h2", "", t("sources")), sources(response.citations.map(citationEntry)));
  } else if (response.passages.length) {
    const nearest = response.passages.slice(0, 5).map(passageEntry);
    turn.append(element("h2", "", t("nearest")), sources(nearest));
  }
  announce(`${t("answered")} ${response.answer}`);
}

// The answer as nodes, its tables as tables.
function told(response) {
  const known = new Map(response.citations.map((citation) => [citation.marker, citation]));
  const points = Array.from(response.answer);
  const nodes = [];
  let at = 0;
  for (const table of response.tables ?? []) {
    nodes.push(...words(response, known, points, at, table.start));
    const rows = table.rows.map((row) =>
      row.map(({ text, markers }) => {
        const cited = markers.filter((one) => known.has(one)).map((one) => marker(known.get(one)));
        return element("span", "", text, ...cited.flatMap((one) => [" ", one]));
      }),
    );
    nodes.push(grid(table.title, table.header, rows));
    at = table.end;
    while (points[at] === "\n") at += 1; // the table is a block of its own
  }
  nodes.push(...words(response, known, points, at, points.length));
  return nodes;
}

// A stretch of the answer as nodes: highlights bold, each [n] that has a citation a button.
function words(response, known, points, from, to) {
  const strong = new Array(points.length).fill(false);
  for (const { start, end } of response.highlights) strong.fill(true, start, end);
  const nodes = [];
  let run = "";
  let bold = false;
  const flush = () => {
    if (run) nodes.push(bold ? element("strong", "", run) : document.createTextNode(run));
    run = "";
  };
  for (let at = from; at < to; at += 1) {
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
  made.setAttribute("aria-label", t("cite", citation.marker, who(citation)));
  return made;
}

// How it was understood, the working, other brokers, what may be asked instead.
function remarks(response, again) {
  const lines = [];
  if (response.standalone_question !== response.question) {
    lines.push(t("understood", response.standalone_question));
  }
  if (response.computation) {
    const { expression, result, unit, rounding } = response.computation;
    const stated = `${expression} = ${result}${unit ? ` ${unit}` : ""}`;
    lines.push(t("working", rounding ? `${stated}（${rounding}）` : stated));
  }
  for (const other of response.others) {
    lines.push(t("other", valued(other.value, other.unit), [other.broker, other.published].filter(Boolean).join("，")));
  }
  lines.push(...(response.notes ?? []));
  if (!response.refused) lines.push(t("sure", Math.round(response.confidence * 100)));
  const nodes = [];
  if (lines.length) {
    nodes.push(element("div", "facts", ...lines.map((line) => element("p", "", line))));
  }
  const offers = instead(response);
  if (offers.length) {
    const buttons = offers.map((question) => button("", () => again(question), question));
    nodes.push(element("div", "offers", element("span", "", t("instead")), ...buttons));
  }
  return nodes;
}

// Questions that can be answered in place of what is missing: the asked words replaced.
function instead(response) {
  const asked = response.standalone_question;
  const offers = response.missing.flatMap((gap) =>
    asked.includes(gap.asked) && gap.asked
      ? gap.instead.slice(0, 4).map((other) => asked.replace(gap.asked, other))
      : [],
  );
  return [...new Set(offers)].slice(0, 6);
}

export function who(citation) {
  const title = citation.title ? `《${citation.title}》` : citation.report_id;
  return [citation.broker, citation.published, title].filter(Boolean).join(" · ");
}

// --- figures ---------------------------------------------------------------------------------

function figureRows(response, figures) {
  const cited = new Map(response.citations.map((citation) => [citation.marker, citation]));
  return figures.map((figure) => {
    const citation = cited.get(figure.marker);
    return {
      subject: figure.code ? `${figure.subject}（${figure.code}）` : figure.subject,
      metric: figure.name,
      period: [figure.period, figure.kind ? t(figure.kind) : ""].filter(Boolean).join(" "),
      value: valued(figure.value, figure.unit),
      source: [citation?.broker, citation?.published].filter(Boolean).join(" "),
      citation,
    };
  });
}

function figureTable(response, figures) {
  const columns = ["subject", "metric", "period", "value", "source"];
  const rows = figureRows(response, figures).map((row) => [
    ...columns.slice(0, 4).map((column) => row[column]),
    element("span", "", `${row.source} `, row.citation ? marker(row.citation) : null),
  ]);
  return grid(t("figures"), columns.map((column) => t(column)), rows);
}

async function showChart(turn, figure, after) {
  if (!figure.period || !figure.subject) return;
  const asked = new URLSearchParams({
    company: figure.code ?? figure.subject,
    metric: figure.metric,
    limit: "200",
  });
  try {
    const { facts } = await fetchJson(`/v1/facts?${asked}`);
    const chart = await drawChart(facts, t("chart", figure.subject, figure.name));
    if (chart && turn.contains(after)) turn.querySelector(".notice-line")?.before(chart);
  } catch {
    // The answer stands without a picture of it.
  }
}

// --- what can be done with an answer -----------------------------------------------------------

function noticeOf(response) {
  const named = response.citations.map((c) => [c.broker, c.published].filter(Boolean).join(" "));
  const sources = [...new Set(named.filter(Boolean))].join("、");
  return notice.replace("{sources}", sources || t("report"));
}

function actions(response, figures) {
  const told = element("span", "told");
  told.setAttribute("role", "status");
  const copy = (make) => async () => {
    try {
      await navigator.clipboard.writeText(make());
      told.textContent = t("copied");
    } catch {
      told.textContent = t("not-copied");
    }
  };
  const made = element(
    "div",
    "actions",
    button("", (self) => vote(self, response, "up", told), thumb(false), ` ${t("up")}`),
    button("", (self) => vote(self, response, "down", told), thumb(true), ` ${t("down")}`),
    button("", copy(() => asText(response)), t("copy-text")),
    button("", copy(() => asMarkdown(response)), t("copy-markdown")),
    button("", copy(shareLink), t("copy-link")),
  );
  if (figures.length) {
    made.append(
      button("", () => download(response.id, "csv", told), t("csv")),
      button("", () => download(response.id, "xlsx", told), t("xlsx")),
    );
  }
  if (!response.refused) {
    made.append(button("", () => saveQuestion(response, told), t("save")));
  }
  made.append(told);
  return made;
}

function vote(pressed, response, which, told) {
  const bar = pressed.parentElement;
  bar.querySelector(".comment")?.remove();
  const box = element("input", "");
  box.maxLength = 2000;
  box.setAttribute("aria-label", t("comment"));
  box.placeholder = t("comment");
  const form = element("form", "comment", box, element("button", "", t("send")));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const given = { answer_id: response.id, vote: which };
    if (box.value.trim()) given.comment = box.value.trim();
    try {
      await post("/v1/feedback", given);
      form.remove();
      pressed.setAttribute("aria-pressed", "true");
      told.textContent = t("thanks");
    } catch (error) {
      told.textContent = error.message;
    }
  });
  bar.append(form);
  box.focus();
}

async function saveQuestion(response, told) {
  try {
    await post("/v1/saved", { question: response.standalone_question });
    told.textContent = t("was-saved");
  } catch (error) {
    complain(error, told, () => saveQuestion(response, told));
  }
}

function shareLink() {
  const turns = [...document.querySelectorAll(".turn")].map((turn) => turn.response?.id);
  return `${location.origin}/?a=${turns.filter(Boolean).join(",")}`;
}

function asText(response) {
  const cited = response.citations.map((c) => `[${c.marker}] ${who(c)}\n    “${c.quote}”\n    ${c.url}`);
  return [response.question, response.answer, ...cited, noticeOf(response)].join("\n\n");
}

// Markdown in which nothing of a report can become markup.
function asMarkdown(response) {
  const plain = (words) => words.replace(/[\\`*_{}[\]<>()#+!|~-]/g, "\\$&").replace(/\s+/g, " ");
  const marked = response.answer.split(/(\[\d+\])/).map((piece) => {
    const mark = /^\[(\d+)\]$/.exec(piece);
    return mark && response.citations.some((c) => c.marker === Number(mark[1]))
      ? `[^${mark[1]}]`
      : plain(piece);
  });
  const cited = response.citations.map(
    (c) => `[^${c.marker}]: ${plain(who(c))} “${plain(c.quote)}” <${c.url}>`,
  );
  return [`**${plain(response.question)}**`, marked.join(""), cited.join("\n"), plain(noticeOf(response))].join("\n\n");
}

async function download(answerId, format, told) {
  try {
    const path = `/v1/answers/${encodeURIComponent(answerId)}/table?format=${format}`;
    const data = await (await call(path)).blob();
    const link = element("a");
    link.href = URL.createObjectURL(data);
    link.download = `${answerId}.${format}`;
    link.click();
    URL.revokeObjectURL(link.href);
  } catch (error) {
    told.textContent = error.message;
  }
}

// --- sources -----------------------------------------------------------------------------------

function sources(entries) {
  return element("ol", "sources", ...entries.map((entry) => element("li", "", entry)));
}

function citationEntry(citation) {
  const page = citation.page ? t("page", citation.page) : "";
  const place = [citation.sheet, citation.ref].filter(Boolean).join("!");
  const where = [...citation.section, page, place].filter(Boolean).join(" › ");
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
  return element("span", "cell-path", `${path}：`, element("b", "", valued(cell.value, cell.unit)));
}

function passageEntry(passage) {
  const from = element("span", "who", [passage.report_id, ...passage.section].join(" › "));
  fetchJson(`/v1/reports/${encodeURIComponent(passage.report_id)}`)
    .then((report) => {
      from.textContent = [who(report), ...passage.section].join(" › ");
    })
    .catch(() => {}); // the id stays
  return button(
    "source",
    (self) => openCitation({ ...passage, marker: null, cell: null }, self),
    from,
    element("span", "quote", passage.text.replaceAll("\t", "  ")),
  );
}
