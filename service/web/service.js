// The service: calls with the key, answers that stream, and what is said when something goes wrong.

import { byId, element } from "./dom.js";
import { t } from "./words.js";

const KNOWN = new Set([400, 404, 408, 413, 422, 429, 501, 503]);
let retry = null; // what was refused for want of a key

export class Trouble extends Error {
  constructor(status, detail) {
    super(detail || (KNOWN.has(status) ? t(status) : t("broken", status)));
    this.status = status;
  }
}

export async function call(path, options = {}) {
  const key = sessionStorage.getItem("yanbao-key");
  const headers = { ...options.headers, ...(key ? { Authorization: `Bearer ${key}` } : {}) };
  const response = await fetch(path, { ...options, headers, credentials: "same-origin" });
  if (!response.ok) throw new Trouble(response.status);
  return response;
}

export async function fetchJson(path, options) {
  return (await call(path, options)).json();
}

export function post(path, value, options = {}) {
  return call(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(value),
    ...options,
  });
}

// Asks and tells each piece of the answer as it comes; gives the whole response.
export async function askStreaming(request, signal, onText) {
  const response = await post("/v1/ask", { ...request, stream: true }, { signal });
  const sentences = [];
  for await (const { event, data } of events(response.body)) {
    if (event === "delta") sentences.push(data.text);
    else if (event === "replace") sentences[data.index] = data.text;
    else if (event === "done") return data;
    else if (event === "error") throw new Trouble(data.status ?? 500);
    else continue;
    onText(sentences.join(""));
  }
  throw new Trouble(500);
}

// Server-sent events: blocks of `event:` and `data:` lines, parted by a blank line.
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  for (;;) {
    const { value, done } = await reader.read();
    held += value ?? "";
    const blocks = held.split(/\r?\n\r?\n/);
    held = done ? "" : blocks.pop();
    for (const block of blocks) {
      const found = readEvent(block);
      if (found) yield found;
    }
    if (done) return;
  }
}

function readEvent(block) {
  let event = "message";
  const data = [];
  for (const line of block.split(/\r?\n/)) {
    if (line.startsWith("event:")) event = line.slice(6).trim();
    else if (line.startsWith("data:")) data.push(line.slice(5).replace(/^ /, ""));
  }
  return data.length ? { event, data: JSON.parse(data.join("\n")) } : null;
}

// Shows what went wrong; for a missing key, asks for it and tries again.
export function complain(error, box, again) {
  if (error.name === "AbortError") return;
  if (error.status === 401 || error.status === 403) {
    retry = again;
    byId("key-form").hidden = false;
    byId("key").focus();
    box.replaceChildren(element("p", "notice", t("key-needed")));
    return;
  }
  const told = error instanceof Trouble ? error.message : t("offline");
  const notice = element("p", "notice", told);
  notice.setAttribute("role", "alert");
  box.replaceChildren(notice);
}

byId("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem("yanbao-key", byId("key").value);
  byId("key").value = "";
  byId("key-form").hidden = true;
  const again = retry;
  retry = null;
  again?.();
});
