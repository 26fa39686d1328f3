// Two plots as SVG elements. Each stands beside a table with its numbers, for screen readers.
import { count, GRAVITY, labelNames, make, words } from "./triage-core.js";

const SVG = "http://www.w3.org/2000/svg";

function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function hiddenTable(caption, heads, lines) {
  return make("table", { className: "hidden" }, make("caption", { textContent: caption }),
    make("thead", {}, make("tr", {}, ...heads.map((text) => make("th", { scope: "col", textContent: text })))),
    make("tbody", {}, ...lines.map(([first, ...rest]) => make("tr", {}, make("th", { scope: "row", textContent: first }), ...rest.map((text) => make("td", { textContent: text }))))));
}

/** Horizontal bars: lines of {name, value, className, note}. */
export function bars(lines, { caption, format, top = Math.max(1, ...lines.map((line) => line.value)) }) {
  const items = lines.map((line) => {
    const length = (100 * line.value) / top;
    const bar = svg("svg", { class: "bar", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" }, svg("rect", { class: `fill ${line.className}`, width: length, height: 10 }));
    return make("tr", {}, make("th", { scope: "row", textContent: line.name }), make("td", { className: "plot" }, bar), make("td", { className: "number" }, format(line.value), line.note ? make("small", { textContent: ` ${line.note}` }) : null));
  });
  return make("table", { className: "bars" }, make("caption", { className: "hidden", textContent: caption }), make("tbody", {}, ...items));
}

/** A scale's top that is 1, 2 or 5 times a power of ten. */
function niceTop(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return power * [1, 2, 5, 10].find((factor) => factor * power >= value);
}

const HEIGHT = 240;
const LEFT = 56;
const BOTTOM = 26;
const MOST_BARS = 120;

/** Join neighbouring days where there are more than fit. */
function binned(days) {
  const size = Math.ceil(days.length / MOST_BARS);
  const bins = [];
  for (let i = 0; i < days.length; i += size) {
    const part = days.slice(i, i + size);
    const labels = {};
    for (const day of part) for (const [label, n] of Object.entries(day.labels)) labels[label] = (labels[label] ?? 0) + n;
    bins.push({ from: part[0].day, to: part.at(-1).day, labels });
  }
  return bins;
}

/** Stacked columns: days of {day, labels: {label: rows}}, with an axis and a legend. */
export function stacked(days, { caption, width }) {
  const WIDTH = Math.min(Math.max(width, 560), 1600); // one unit is a pixel, so that letters keep their size
  const bins = binned(days);
  const sum = (labels) => Object.values(labels).reduce((total, n) => total + n, 0);
  const top = niceTop(Math.max(...bins.map((bin) => sum(bin.labels))));
  const step = (WIDTH - LEFT) / bins.length;
  const y = (n) => (HEIGHT - BOTTOM) * (1 - n / top) + 6;
  const plot = svg("svg", { class: "stacked", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true" });
  for (const share of [0, 0.5, 1]) {
    plot.append(svg("line", { class: "rule", x1: LEFT, x2: WIDTH, y1: y(top * share), y2: y(top * share) }));
    plot.append(svg("text", { x: LEFT - 6, y: y(top * share) + 4, "text-anchor": "end" }, count(top * share)));
  }
  bins.forEach((bin, i) => {
    let below = 0;
    const name = bin.from === bin.to ? bin.from : `${bin.from} – ${bin.to}`;
    const column = svg("g", {}, svg("title", {}, `${name}\n${GRAVITY.filter((label) => bin.labels[label]).map((label) => `${labelNames[label]} ${count(bin.labels[label])}`).join("\n")}`));
    for (const label of [...GRAVITY].reverse()) {
      const n = bin.labels[label] ?? 0;
      if (!n) continue;
      column.append(svg("rect", { class: `fill ${label}`, x: LEFT + i * step + 0.5, width: Math.max(1, Math.min(step - 1, 60)), y: y(below + n), height: y(below) - y(below + n) }));
      below += n;
    }
    plot.append(column);
  });
  const each = Math.max(1, Math.ceil(bins.length / 8));
  bins.forEach((bin, i) => {
    if (i % each === 0) plot.append(svg("text", { x: LEFT + i * step, y: HEIGHT - 4 }, bin.from));
  });
  const legend = make("ul", { className: "legend" }, ...GRAVITY.map((label) => make("li", {}, make("span", { className: `dot ${label}` }), labelNames[label])));
  const lines = days.map((day) => [day.day, ...GRAVITY.map((label) => count(day.labels[label] ?? 0))]);
  return make("div", { className: "figure" }, plot, legend, hiddenTable(caption, [words.summary_day, ...GRAVITY.map((label) => labelNames[label])], lines));
}
