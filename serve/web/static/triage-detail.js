// One row in full: text, review, severity, cluster, original columns, history; then its reasons.
import { announce, api, byId, chip, complain, count, GRAVITY, instant, labelNames, make, names, percent, points, reviewNames, say, stated, UNLAWFUL, language, words } from "./triage-core.js";
import { lawParts, marked } from "./triage-reasons.js";

const REASONS_MS = 350; // reasons cost a dozen verdicts: not for rows that are only passed by

export function startDetail(id, { changed, openCluster, back }) {
  const panel = byId("detail");
  let row = null; // the row that is shown, in full
  let wanted = null; // number of the row that shall be shown
  let asked = null;
  let later = null;
  const done = []; // numbers of the rows reviewed here, for undo

  async function show(number) {
    wanted = number;
    asked?.abort();
    clearTimeout(later);
    const mine = (asked = new AbortController());
    try {
      const found = await api(`/${id}/rows/${number}`, { signal: mine.signal });
      if (wanted !== number) return;
      render(found);
      panel.scrollTop = 0;
      later = setTimeout(() => showReasons(number, mine.signal), REASONS_MS);
    } catch (error) {
      complain(error);
    }
  }

  async function showReasons(number, signal) {
    const place = byId("reasons");
    try {
      const reasons = await api(`/${id}/rows/${number}/reasons`, { signal });
      if (wanted !== number || !byId("reasons")) return;
      byId("detail-text").replaceChildren(...marked(reasons.segments));
      byId("reasons").replaceChildren(...lawParts(reasons));
    } catch (error) {
      if (error.name === "AbortError" || !place) return;
      place.replaceChildren(make("p", { className: "soft", textContent: say("detail_reasons_failed", { message: error.message }) }));
    }
  }

  // --- reviews ---

  async function send(label, also, note = "") {
    const before = row;
    try {
      const body = { label, also, note, reviewer: byId("reviewer").value.trim() || null };
      const after = await api(`/${id}/rows/${before.number}/review`, { method: "POST", body });
      done.push(after.number);
      took(after);
      const same = label === before.current_label && String(also) === String(before.current_also);
      announce(say(same ? "did_confirm" : "did_relabel", { number: after.number, label: labelNames[label] }));
    } catch (error) {
      complain(error);
    }
  }

  function took(after) {
    changed(after);
    if (wanted === after.number) renderReview(after);
  }

  /** Until the selected row has arrived, nothing is known about it: wait for it. */
  async function ready() {
    if (row?.number !== wanted) await show(wanted);
    return row?.number === wanted;
  }

  async function relabel(label) {
    if (!(await ready())) return;
    const also = UNLAWFUL.includes(label) ? row.current_also.filter((other) => other !== label) : [];
    await send(label, also);
  }

  async function confirm() {
    if (await ready()) await send(row.current_label, row.current_also);
  }

  async function undo() {
    const number = done.at(-1) ?? (row?.reviewed ? row.number : null);
    if (number === null) return announce(words.nothing_to_undo);
    try {
      const after = await api(`/${id}/rows/${number}/undo`, { method: "POST", body: { reviewer: byId("reviewer").value.trim() || null } });
      done.pop();
      took(after);
      return announce(say("did_undo", { number, label: labelNames[after.current_label] }));
    } catch (error) {
      if (error.code === "nothing_to_undo") done.pop();
      return complain(error);
    }
  }

  // --- what is shown ---

  function reviewForm() {
    const form = make("form", { className: "review" });
    const also = UNLAWFUL.map((label) => {
      const box = make("input", { type: "checkbox", name: "also", value: label, checked: row.current_also.includes(label), disabled: label === row.current_label || !UNLAWFUL.includes(row.current_label) });
      return make("label", { className: "check" }, box, ` ${labelNames[label]}`);
    });
    const radios = GRAVITY.map((label, i) => {
      const radio = make("input", { type: "radio", name: "label", value: label, checked: label === row.current_label });
      radio.addEventListener("change", () => {
        for (const box of form.querySelectorAll("[name=also]")) {
          box.disabled = box.value === label || !UNLAWFUL.includes(label);
          if (box.disabled) box.checked = false;
        }
      });
      return make("label", { className: `pick ${label}` }, radio, make("kbd", { textContent: i + 1, "aria-hidden": "true" }), ` ${words[`short_${label}`]}`);
    });
    const note = make("input", { name: "note", maxLength: 500, autocomplete: "off" });
    form.append(
      make("fieldset", { className: "picks" }, make("legend", { textContent: words.review_label }), ...radios),
      make("fieldset", {}, make("legend", { textContent: words.review_also }), ...also),
      make("label", { className: "note" }, words.review_note, note),
      make("p", { className: "actions" },
        make("button", { type: "submit", textContent: words.review_save }),
        make("button", { type: "button", className: "plain", textContent: words.review_confirm, onclick: confirm }),
        make("button", { type: "button", className: "plain", textContent: words.review_undo, disabled: !row.reviewed, onclick: undo })),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const chosen = new FormData(form);
      send(chosen.get("label"), chosen.getAll("also"), chosen.get("note").trim());
    });
    return form;
  }

  function history() {
    if (!row.reviews.length) return make("p", { className: "soft", textContent: words.detail_history_none });
    const said = (label, also) => [labelNames[label], ...also.map((other) => `+ ${labelNames[other]}`)].join(" ");
    const lines = row.reviews.map((review) => {
      const values = { at: instant(review.at), who: review.reviewer, from: said(review.from_label, review.from_also), to: said(review.to_label, review.to_also) };
      const key = review.undoes !== null ? "detail_history_undo" : values.from === values.to ? "detail_history_confirm" : "detail_history_line";
      return make("li", {}, say(key, values), review.note ? make("q", { textContent: review.note }) : null);
    });
    return make("ol", { className: "history" }, ...lines);
  }

  function renderReview(found) {
    row = { ...row, ...found };
    const focused = document.activeElement?.closest("#detail-review") ? document.activeElement : null;
    byId("detail-now").replaceChildren(chip(row.current_label), row.current_also.length ? ` ${say("also", { labels: names(row.current_also) })}` : "");
    byId("detail-review").replaceChildren(reviewForm());
    byId("detail-history").replaceChildren(history());
    if (focused) byId("detail-review").querySelector(`[name="${focused.name || "note"}"]:not(:disabled)`)?.focus({ preventScroll: true });
  }

  function section(title, ...parts) {
    return make("section", {}, make("h3", { textContent: title }), ...parts);
  }

  function table(lines, className = "pairs") {
    return make("table", { className }, make("tbody", {}, ...lines.map(([name, ...values]) => make("tr", {}, make("th", { scope: "row", textContent: name }), ...values.map((value) => make("td", { textContent: value }))))));
  }

  function clusterPart() {
    if (!row.cluster_size || row.cluster_size < 2) return null;
    const open = make("button", { type: "button", className: "link", textContent: say("detail_cluster_open", { size: count(row.cluster_size) }), onclick: () => openCluster(row.cluster) });
    return make("p", { className: "cluster" }, say("detail_cluster", { size: count(row.cluster_size), senders: count(row.cluster_senders) }), " ", open);
  }

  function render(found) {
    row = found;
    const parts = row.severity_parts.map((part) => [language === "zh" ? part.zh : part.en, say("detail_points", { points: (part.points > 0 ? "+" : "") + points(part.points) })]);
    const scores = Object.entries(row.scores).map(([label, score]) => [labelNames[label], percent(score)]);
    const meta = [row.sender, row.signature, stated(row.sent_at)].filter(Boolean).join("　");
    panel.replaceChildren(
      make("header", {},
        make("h2", { id: "detail-heading", textContent: say("detail_heading", { number: row.number }) }),
        make("span", { id: "detail-now" }),
        make("button", { type: "button", className: "plain closer", textContent: words.close, onclick: close })),
      meta ? make("p", { className: "meta", textContent: meta }) : "",
      make("p", { id: "detail-text", className: "message", lang: "zh-CN", textContent: row.text }),
      make("div", { id: "detail-review" }),
      clusterPart() ?? "",
      section(say("detail_severity", { score: points(row.severity) }), table(parts)),
      section(words.detail_model,
        make("p", {}, chip(row.label), ` ${percent(row.confidence)}`, row.also.length ? ` ${say("also", { labels: names(row.also) })}` : ""),
        row.review ? make("p", { className: "notice", textContent: reviewNames[row.review] ?? row.review }) : "",
        make("details", {}, make("summary", { textContent: words.detail_scores }), table(scores))),
      section(words.detail_history, make("div", { id: "detail-history" })),
      section(words.detail_original, table(row.original.map((cell) => [cell.heading, cell.value]), "pairs original")),
      make("section", { id: "reasons" }, make("p", { className: "soft", textContent: words.detail_reasons_wait })),
    );
    panel.classList.add("open");
    renderReview(row);
  }

  function close() {
    panel.classList.remove("open");
    back();
  }

  return { show, relabel, confirm, undo };
}
