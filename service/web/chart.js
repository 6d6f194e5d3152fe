// A small chart of one figure by broker over the years, drawn by uPlot (MIT), fetched when needed.

import { element } from "./dom.js";

const DASHES = [[], [6, 4], [2, 3], [8, 3, 2, 3]]; // brokers differ without colour too
let loading = null;

function uplot() {
  loading ??= new Promise((resolve, reject) => {
    const script = element("script");
    script.src = "/uplot.js";
    script.addEventListener("load", () => resolve(window.uPlot));
    script.addEventListener("error", reject);
    const style = element("link");
    style.rel = "stylesheet";
    style.href = "/uplot.css";
    document.head.append(style, script);
  });
  return loading;
}

// A figure element, or null where there is too little to compare.
export async function drawChart(facts, title) {
  const lines = linesOf(facts);
  const years = [...new Set(lines.flatMap((line) => [...line.values.keys()]))].sort();
  if (years.length < 2 || lines.length < 1) return null;
  const uPlot = await uplot();
  const colours = getComputedStyle(document.documentElement);
  const ink = colours.getPropertyValue("--ink").trim();
  const soft = colours.getPropertyValue("--line").trim();
  const box = element("div", "plot");
  const figure = element("figure", "chart", element("figcaption", "", title), box);
  const axis = { stroke: ink, grid: { stroke: soft, width: 1 }, ticks: { stroke: soft } };
  const draw = (width) =>
    new uPlot(
      {
        width,
        height: 180,
        legend: { live: false },
        cursor: { drag: { x: false, y: false } },
        scales: { x: { time: false, range: [years[0] - 0.3, years.at(-1) + 0.3] } },
        axes: [
          { ...axis, splits: () => years, values: (_, splits) => splits.map((year) => String(year)) },
          { ...axis, size: 56 },
        ],
        series: [
          { label: "" },
          ...lines.map((line, number) => ({
            label: line.label,
            stroke: `hsl(${(20 + number * 137) % 360} 65% 45%)`,
            width: 2,
            dash: DASHES[number % DASHES.length],
            points: { show: true, size: 7 },
            spanGaps: true,
          })),
        ],
      },
      [years, ...lines.map((line) => years.map((year) => line.values.get(year) ?? null))],
      box,
    );
  box.setAttribute("role", "img");
  box.setAttribute("aria-label", spoken(title, lines));
  let plot = null;
  new ResizeObserver(([entry]) => {
    const width = Math.max(Math.floor(entry.contentRect.width), 200);
    if (plot) plot.setSize({ width, height: 180 });
    else plot = draw(width);
  }).observe(box);
  return figure;
}

// One line for each broker and date: year → number. Units are kept apart: the commonest is drawn,
// and with it what states no unit (a house that prints EPS without 元/股).
function linesOf(facts) {
  const fitting = facts.filter((fact) => /^\d{4}$/.test(fact.period ?? "") && fact.value_base !== null);
  const counts = new Map();
  for (const { unit_base: unit } of fitting) if (unit) counts.set(unit, (counts.get(unit) ?? 0) + 1);
  const [commonest] = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))[0] ?? [null];
  const lines = new Map();
  for (const fact of fitting) {
    if ((fact.unit_base && fact.unit_base !== commonest) || fact.direction) continue;
    const label = [fact.broker ?? fact.report_id, fact.published].filter(Boolean).join(" ");
    if (!lines.has(label)) lines.set(label, { label, values: new Map() });
    lines.get(label).values.set(Number(fact.period), Number(fact.value_base));
  }
  return [...lines.values()].sort((a, b) => (a.label < b.label ? -1 : 1)).slice(0, 8);
}

function spoken(title, lines) {
  const parts = lines.map((line) => {
    const values = [...line.values].sort(([a], [b]) => a - b);
    return `${line.label}：${values.map(([year, value]) => `${year} ${value}`).join("，")}`;
  });
  return `${title}。${parts.join("；")}`;
}
