// The words that decided, marked in the text, and the provisions that may apply.
import { labelNames, language, make, say, words } from "./triage-core.js";

const read = (both) => (both ? both[language] : "");

/** The text in parts; joined, they are the text. Each mark names its label once, at its end. */
export function marked(segments) {
  return segments.map(({ text, labels, ends }) => {
    if (!labels.length) return document.createTextNode(text);
    const tags = ends.map((label) => make("small", { className: label, textContent: `［${labelNames[label]}］` }));
    return make("mark", { className: labels[0] }, text, ...tags);
  });
}

function provision(found) {
  return make(
    "li",
    {},
    make("strong", { textContent: `${read(found.law)} ${read(found.article)}` }),
    ` ${read(found.title)}`,
    make("p", { textContent: read(found.summary) }),
    found.maximum ? make("p", { className: "soft", textContent: say("detail_maximum", { words: read(found.maximum) }) }) : null,
    found.condition ? make("p", { className: "soft", textContent: say("detail_condition", { words: read(found.condition) }) }) : null,
  );
}

/** What the law says to the desk; lines that speak to the recipient of a message are left out. */
export function lawParts({ segments, answer }) {
  const parts = [];
  if (answer.findings.length) {
    parts.push(make("ul", {}, ...answer.findings.map((finding) => make("li", { textContent: read(finding.text) }))));
  }
  if (answer.provisions.length) {
    parts.push(
      make("h3", { textContent: words.detail_law }),
      make("p", { className: "soft", textContent: words.detail_law_note }),
      make("ul", { className: "law" }, ...answer.provisions.map(provision)),
    );
  }
  if (!parts.length && segments.every((segment) => !segment.labels.length)) {
    parts.push(make("p", { className: "soft", textContent: words.detail_reasons_none }));
  }
  return parts;
}
