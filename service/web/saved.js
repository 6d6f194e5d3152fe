// Saved questions: what is asked again on each new report, and what has changed.

import { byId, button, element } from "./dom.js";
import { call, complain, fetchJson } from "./service.js";
import { t } from "./words.js";

const box = byId("saved");

export async function showSaved(again) {
  try {
    const [{ saved }, { changes }] = await Promise.all([
      fetchJson("/v1/saved"),
      fetchJson("/v1/saved/changes?limit=100"),
    ]);
    if (!saved.length) {
      box.replaceChildren(element("p", "", t("not-saved")));
      return;
    }
    box.replaceChildren(element("ul", "reports", ...saved.map((one) => entry(one, changes, again))));
  } catch (error) {
    complain(error, box, () => showSaved(again));
  }
}

function entry(one, changes, again) {
  const own = changes.filter((change) => change.saved_id === one.saved_id).slice(0, 5);
  return element(
    "li",
    "",
    button("link title", () => again(one.question), one.question),
    one.answer ? element("p", "where", one.answer) : null,
    ...(own.length ? own.map(changeOf) : [element("p", "where", t("no-change"))]),
    button("link remove", () => remove(one, again), t("remove")),
  );
}

// When, which figures came and went, and the new answer.
function changeOf(change) {
  const { figures_added: added, figures_removed: removed } = change.difference;
  const figures = [...added.map((one) => `+${one}`), ...removed.map((one) => `−${one}`)].join(" ");
  const day = change.found.slice(0, 16).replace("T", " ");
  return element("p", "warning", t("changed", `${day} ${figures} ${change.answer.answer}`));
}

async function remove(one, again) {
  try {
    await call(`/v1/saved/${encodeURIComponent(one.saved_id)}`, { method: "DELETE" });
    await showSaved(again);
  } catch (error) {
    complain(error, box, () => showSaved(again));
  }
}
