// A report's canonical text as nodes: lines, tables, the quote marked, the cited cell outlined.

import { element } from "./dom.js";

// Offsets of the service count code points; JavaScript strings count UTF-16 units.
function unitIndex(text, codePoint, fromPoint = 0, fromUnit = 0) {
  let unit = fromUnit;
  for (let point = fromPoint; point < codePoint && unit < text.length; point += 1) {
    unit += text.codePointAt(unit) > 0xffff ? 2 : 1;
  }
  return unit;
}

// The places to mark, in UTF-16 units of the text.
export function marksIn(text, { start, end, cell }) {
  const from = unitIndex(text, start);
  const marks = { start: from, end: unitIndex(text, end, start, from), cell: null };
  if (cell) {
    const cellFrom = unitIndex(text, cell.start);
    marks.cell = { start: cellFrom, end: unitIndex(text, cell.end, cell.start, cellFrom) };
  }
  return marks;
}

// The text as nodes, line by line; neighbouring lines with tabs become one table.
export function* lines(text, marks) {
  let rows = [];
  const table = () => {
    const made = element("div", "wide", element("table", "", ...rows));
    made.tabIndex = 0; // a wide table is scrolled by keyboard too
    rows = [];
    return made;
  };
  let at = 0;
  while (at <= text.length) {
    let end = text.indexOf("\n", at);
    if (end < 0) end = text.length;
    const line = text.slice(at, end);
    if (line.includes("\t")) {
      rows.push(tableRow(text, at, end, marks));
    } else if (!(rows.length && !line.trim() && nextHasTab(text, end + 1))) {
      if (rows.length) yield table();
      if (line.includes("\f")) yield element("hr");
      yield element("p", "", ...pieces(text, at, end, marks));
    }
    at = end + 1;
  }
  if (rows.length) yield table();
}

// True if the next line that is not blank holds a tab: blank lines inside a table do not end it.
function nextHasTab(text, from) {
  const found = /\S/.exec(text.slice(from, from + 200));
  if (!found) return false;
  const lineStart = text.lastIndexOf("\n", from + found.index) + 1;
  const lineEnd = text.indexOf("\n", from + found.index);
  return text.slice(lineStart, lineEnd < 0 ? text.length : lineEnd).includes("\t");
}

function tableRow(text, from, to, marks) {
  const row = element("tr");
  if (marks && from < marks.end && marks.start < to) row.className = "cited";
  let at = from;
  while (at <= to) {
    let end = text.indexOf("\t", at);
    if (end < 0 || end > to) end = to;
    const field = element("td", "", ...pieces(text, at, end, marks ? { ...marks, cell: null } : null));
    const cell = marks?.cell;
    if (cell && at <= cell.start && cell.end <= end) field.className = "cell";
    row.append(field);
    at = end + 1;
  }
  return row;
}

// text[from:to] as nodes, the marked part in <mark>, the cited cell outlined.
function pieces(text, from, to, marks) {
  if (!marks || to <= marks.start || marks.end <= from) return [text.slice(from, to)];
  const cuts = [from, to, marks.start, marks.end];
  if (marks.cell) cuts.push(marks.cell.start, marks.cell.end);
  const inside = [...new Set(cuts)].filter((cut) => from <= cut && cut <= to).sort((a, b) => a - b);
  const nodes = [];
  for (let i = 0; i + 1 < inside.length; i += 1) {
    const [start, end] = [inside[i], inside[i + 1]];
    const piece = text.slice(start, end);
    if (start < marks.start || end > marks.end) nodes.push(piece);
    else {
      const inCell = marks.cell && marks.cell.start <= start && end <= marks.cell.end;
      nodes.push(element("mark", inCell ? "cell" : "", piece));
    }
  }
  return nodes;
}
