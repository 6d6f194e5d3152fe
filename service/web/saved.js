// Saved questions: what is asked again on each new report, and what has changed.

import { byId, button, element } from "./dom.js";
import { call, complain, fetchJson } from "./service.js";
import { t } from "./words.js";

const box = byId("saved");

export async function showSaved(again) {
  try {
    const { saved } = await fetchJson("/v1/saved");
    if (!saved.length) {
      box.replaceChildren(element("p", "", t("not-saved")));
      return;
    }
    box.replaceChildren(element("ul", "reports", ...saved.map((one) => entry(one, again))));
  } catch (error) {
    complain(error, box, () => showSaved(again));
  }
}

function entry(one, again) {
  const changes = (one.changes ?? []).slice(0, 5).map((change) => element("p", "warning", t("changed", change.summary ?? change.answer)));
  return element(
    "li",
    "",
    button("link title", () => again(one.question), one.question),
    ...(changes.length ? changes : [element("p", "where", t("no-change"))]),
    button("link remove", () => remove(one, again), t("remove")),
  );
}

async function remove(one, again) {
  try {
    await call(`/v1/saved/${encodeURIComponent(one.saved_id)}`, { method: "DELETE" });
    await showSaved(again);
  } catch (error) {
    complain(error, box, () => showSaved(again));
  }
}
