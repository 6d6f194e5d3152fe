// The library: every report with its state, files dropped here become reports, jobs are followed.

import { announce, byId, button, element } from "./dom.js";
import { call, complain, fetchJson } from "./service.js";
import { forget, openReport } from "./viewer.js";
import { t } from "./words.js";

const box = byId("library");
const LOOK_AGAIN_MS = 400; // a small report is indexed in about a second

export async function allReports() {
  const reports = [];
  let cursor = null;
  do {
    const asked = new URLSearchParams({ limit: "1000", ...(cursor ? { cursor } : {}) });
    const page = await fetchJson(`/v1/reports?${asked}`);
    reports.push(...page.reports);
    cursor = page.next;
  } while (cursor);
  return reports;
}

export async function showLibrary() {
  const list = element("div", "reports");
  const find = element("input", "");
  find.type = "search";
  find.placeholder = t("find");
  find.setAttribute("aria-label", t("find"));
  box.replaceChildren(dropZone(list), find, list);
  let reports = [];
  find.addEventListener("input", () => fill(list, reports, find.value));
  list.refresh = async () => {
    try {
      reports = await allReports();
      fill(list, reports, find.value);
    } catch (error) {
      complain(error, list, list.refresh);
    }
  };
  await list.refresh();
}

function fill(list, reports, wanted) {
  const words = wanted.trim().toLowerCase();
  const text = (one) => [one.report_id, one.title, one.broker, one.published, one.file.name].join(" ");
  const shown = reports.filter((one) => text(one).toLowerCase().includes(words));
  if (!shown.length) {
    list.replaceChildren(element("p", "", t("none")));
    return;
  }
  list.replaceChildren(element("ul", "", ...shown.map((one) => entry(list, one))));
}

function entry(list, report) {
  const good = report.status === "indexed";
  const title = report.title || report.file.name || report.report_id;
  const open = good
    ? button("link title", (self) => openReport(report.report_id, { start: null, end: null, cell: null, version: null }, self), title)
    : element("span", "title", title);
  const line = [report.broker, report.published, report.rating, report.file.type, report.pages ? t("page-count", report.pages) : null];
  return element(
    "li",
    good ? "" : "bad",
    element("div", "", open, element("span", `badge ${report.status}`, t(report.status))),
    element("p", "where", line.filter(Boolean).join(" · ")),
    ...report.warnings.map((warning) => element("p", "warning", warning)),
    button("link remove", () => remove(list, report, title), t("remove")),
  );
}

async function remove(list, report, title) {
  if (!window.confirm(t("sure-remove", title))) return;
  try {
    await call(`/v1/reports/${encodeURIComponent(report.report_id)}`, { method: "DELETE" });
    forget(report.report_id);
    setTimeout(list.refresh, LOOK_AGAIN_MS);
  } catch (error) {
    complain(error, box.querySelector(".told"), () => remove(list, report, title));
  }
}

// --- uploads ---------------------------------------------------------------------------------------

function dropZone(list) {
  const input = element("input", "unseen");
  input.type = "file";
  input.multiple = true;
  input.id = "upload";
  const choose = element("label", "choose", t("choose"));
  choose.htmlFor = "upload";
  const told = element("div", "told");
  told.setAttribute("role", "status");
  const zone = element("div", "drop", element("span", "", t("drop")), choose, input, told);
  const take = (files) => files.length && upload([...files], told, list);
  input.addEventListener("change", () => {
    take(input.files);
    input.value = "";
  });
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    take(event.dataTransfer.files);
  });
  return zone;
}

async function upload(files, told, list) {
  told.replaceChildren(element("p", "", t("uploading", files.length)));
  const body = new FormData();
  for (const file of files) body.append("file", file);
  try {
    let job = await (await call("/v1/reports", { method: "POST", body })).json();
    for (;;) {
      showJob(told, job);
      if (job.status === "done" || job.status === "failed") break;
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
      job = await fetchJson(`/v1/jobs/${encodeURIComponent(job.job_id)}`);
    }
    for (const file of job.files) if (file.report_id) forget(file.report_id);
    announce(t("job-done"));
    await list.refresh();
    setTimeout(list.refresh, 3 * LOOK_AGAIN_MS); // the new snapshot is swapped in within a second
  } catch (error) {
    complain(error, told, () => upload(files, told, list));
  }
}

function showJob(told, job) {
  const bar = element("progress", "");
  bar.max = job.progress.total || job.files.length || 1;
  bar.value = job.progress.done;
  bar.setAttribute("aria-label", t("job", job.progress.done, job.progress.total));
  const files = job.files.map((file) =>
    element("li", file.reason ? "bad" : "", `${file.name}：${t(file.status)}${file.reason ? `（${file.reason}）` : ""}`),
  );
  const line = element("p", "", job.status === "done" ? t("job-done") : t("job", job.progress.done, job.progress.total));
  told.replaceChildren(bar, line, element("ul", "", ...files));
}
