// The other tabs of a batch: clusters, senders, summary, rows that could not be read.
import { api, byId, complain, count, GRAVITY, labelNames, language, make, points, say, severityChip, shortChip, stated, words } from "./triage-core.js";
import { bars, stacked } from "./triage-plots.js";

const SIZE = 50;
const SHOWN_SENDERS = 8;

export function startViews(id, getJob, rows) {
  let current = "rows";
  let loadedDone = -1;
  const pages = { clusters: 1, bad: 1 };

  function table(caption, heads, lines) {
    return make("div", { className: "scroll" }, make("table", { className: "grid" },
      make("caption", { textContent: caption }),
      make("thead", {}, make("tr", {}, ...heads.map(([text, className]) => make("th", { scope: "col", className: className ?? "", textContent: text })))),
      make("tbody", {}, ...lines)));
  }

  const empty = (text) => make("p", { className: "soft", textContent: text });

  function pager(view, total) {
    const last = Math.max(1, Math.ceil(total / SIZE));
    if (last === 1) return "";
    const go = (step, text) => make("button", { type: "button", className: "plain", textContent: text, disabled: pages[view] + step < 1 || pages[view] + step > last, onclick: () => { pages[view] += step; load(view); } });
    return make("p", { className: "pager" }, go(-1, words.page_previous), make("span", { textContent: say("page_of", { page: count(pages[view]), pages: count(last) }) }), go(1, words.page_next));
  }

  const link = (text, values, className = "link") => make("button", { type: "button", className, textContent: text, onclick: () => rows.filterBy(values) });

  // --- clusters ---

  function senderList(cluster) {
    const item = (sender) => make("li", {}, link(sender, { sender, cluster: cluster.id }));
    const list = make("ul", { className: "senders" }, ...cluster.senders.slice(0, SHOWN_SENDERS).map(item));
    const rest = cluster.sender_count - Math.min(SHOWN_SENDERS, cluster.senders.length);
    if (rest > 0) {
      const more = make("button", { type: "button", className: "link", textContent: say("cluster_more", { count: count(rest) }) });
      more.onclick = async () => {
        more.disabled = true;
        try {
          const { senders } = await api(`/${id}/clusters/${cluster.id}`);
          list.replaceChildren(...senders.map(item));
          list.querySelector("button")?.focus();
        } catch (error) {
          complain(error);
        }
      };
      list.append(make("li", {}, more));
    }
    return list;
  }

  function clusterRow(cluster) {
    return make("tr", {},
      make("th", { scope: "row" }, link(`#${cluster.id}`, { cluster: cluster.id })),
      make("td", { className: "number", textContent: count(cluster.size) }),
      make("td", {}, shortChip(cluster.label)),
      make("td", { className: "text" }, make("span", { className: "clamp", lang: "zh-CN", textContent: cluster.text })),
      make("td", {}, cluster.sender_count ? senderList(cluster) : "—"),
      make("td", { className: "time", textContent: stated(cluster.first_seen) }),
      make("td", { className: "time", textContent: stated(cluster.last_seen) }));
  }

  async function clusters() {
    const { clusters: found, total } = await api(`/${id}/clusters?page=${pages.clusters}&size=${SIZE}`);
    if (!found.length) return [empty(words.clusters_none)];
    const heads = [[words.cluster_id], [words.cluster_size, "number"], [words.col_label], [words.cluster_example], [words.cluster_senders], [words.first_seen], [words.last_seen]];
    return [table(words.clusters_caption, heads, found.map(clusterRow)), pager("clusters", total)];
  }

  // --- senders ---

  function senderTable(caption, field, found) {
    const lines = found.map((sender) => make("tr", {},
      make("th", { scope: "row" }, link(sender.name, { [field]: sender.name })),
      make("td", { className: "number", textContent: count(sender.rows) }),
      make("td", { className: "number" }, severityChip(sender.severity))));
    const head = field === "sender" ? words.col_sender : words.filter_signature;
    return table(caption, [[head], [words.sender_rows, "number"], [words.sender_top, "number"]], lines);
  }

  async function senders() {
    const summary = await api(`/${id}/summary`);
    const parts = [];
    if (summary.senders.length) parts.push(senderTable(words.senders_caption, "sender", summary.senders));
    if (summary.signatures.length) parts.push(senderTable(words.signatures_caption, "signature", summary.signatures));
    return parts.length ? [make("div", { className: "columns" }, ...parts)] : [empty(words.senders_none)];
  }

  // --- summary ---

  function labelPart(summary) {
    const total = Object.values(summary.labels).reduce((sum, n) => sum + n, 0);
    const lines = GRAVITY.map((label) => ({ name: labelNames[label], value: summary.labels[label] ?? 0, className: label }));
    return make("section", { className: "panel" }, make("h2", { textContent: words.summary_labels }),
      bars(lines, { caption: words.summary_labels, format: (n) => `${count(n)}${total ? `　${Math.round((1000 * n) / total) / 10}%` : ""}` }),
      make("p", { className: "soft", textContent: say("summary_review", { count: count(summary.to_review), reviewed: count(summary.reviewed) }) }));
  }

  function timePart(summary) {
    const plot = summary.days.length ? stacked(summary.days, { caption: words.summary_time_caption, width: byId("view-summary").clientWidth - 40 }) : empty(words.summary_time_none);
    return make("section", { className: "panel broad" }, make("h2", { textContent: words.summary_time }), plot);
  }

  function senderPart(summary) {
    const found = summary.senders.length ? summary.senders : summary.signatures;
    const lines = found.slice(0, 15).map((sender) => ({ name: sender.name, value: sender.severity, className: `s${Math.min(9, Math.floor(sender.severity / 10))}`, note: `× ${count(sender.rows)}` }));
    const plot = lines.length ? bars(lines, { caption: words.summary_senders_caption, format: points, top: 100 }) : empty(words.senders_none);
    return make("section", { className: "panel" }, make("h2", { textContent: words.summary_senders }), plot);
  }

  function agreementPart(summary) {
    const lines = summary.agreement.map((pair) => make("p", { textContent: say("agreement_value", { kappa: pair.kappa === null ? "—" : pair.kappa.toFixed(2), rows: count(pair.rows), reviewers: pair.reviewers.join(language === "zh" ? "、" : ", ") }) }));
    return make("section", { className: "panel" }, make("h2", { textContent: words.agreement }), ...(lines.length ? lines : [empty(words.agreement_none)]));
  }

  async function summary() {
    const found = await api(`/${id}/summary`);
    return [make("div", { className: "columns" }, timePart(found), make("div", { className: "stack" }, labelPart(found), agreementPart(found)), senderPart(found))];
  }

  // --- bad rows ---

  async function bad() {
    const { rows: found, total } = await api(`/${id}/bad?page=${pages.bad}&size=${SIZE}`);
    if (!found.length) return [empty(words.bad_none)];
    const lines = found.map((row) => make("tr", {},
      make("th", { scope: "row", className: "number", textContent: count(row.number) }),
      make("td", { textContent: row.column ?? "" }),
      make("td", { textContent: language === "zh" ? row.reason_zh : row.reason_en })));
    return [table(words.bad_caption, [[words.bad_number, "number"], [words.bad_column], [words.bad_reason]], lines), pager("bad", total)];
  }

  const views = { clusters, senders, summary, bad };

  async function load(view) {
    const place = byId(`view-${view}`);
    if (!place.childElementCount) place.replaceChildren(empty(words.loading));
    try {
      const parts = await views[view]();
      if (current === view) place.replaceChildren(...parts);
    } catch (error) {
      complain(error);
    }
  }

  function show(view) {
    current = view;
    if (view !== "rows") load(view);
  }

  function progressed() {
    const job = getJob();
    byId("tab-bad").querySelector(".count").textContent = job.rows_bad ? count(job.rows_bad) : "";
    if (job.rows_done === loadedDone) return;
    loadedDone = job.rows_done;
  }

  return { show, progressed };
}
