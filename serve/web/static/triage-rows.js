// The table of messages: filters, sort, pages, the selected row, and what the keyboard does.
import { announce, api, byId, complain, count, make, percent, say, severityChip, shortChip, shortNames, stated, words } from "./triage-core.js";
import { startDetail } from "./triage-detail.js";
import { startKeys } from "./triage-keys.js";

const SIZE = 50;
const REFRESH_MS = 1500; // at most so often while a batch runs
const FIELDS = ["q", "label", "review", "reviewed", "sender", "signature", "cluster"];

export function startRows(id, getJob) {
  const body = byId("rows").tBodies[0];
  const form = byId("filters");
  const fresh = byId("rows-new");
  let page = 1;
  let total = 0;
  let shown = []; // the rows of the page
  let selected = null; // number of the selected row
  let asked = null; // AbortController of the latest request
  let loadedDone = -1; // rows that were done when the page was loaded
  let loadedFinal = false; // whether the batch was at its end then, and so ranked for good
  let loadedAt = 0;
  let again = null;
  let refreshing = false; // whether `asked` is our own idea, not the user's

  const ended = () => !["queued", "running"].includes(getJob().state);
  const pages = () => Math.max(1, Math.ceil(total / SIZE));

  function query() {
    const chosen = new URLSearchParams({ page, size: SIZE, sort: form.sort.value, order: form.order.value });
    for (const name of FIELDS) {
      const value = form[name].value.trim();
      if (value) chosen.set(name, value);
    }
    return chosen;
  }

  function cells(row) {
    const marks = [];
    if (row.review) marks.push(make("span", { className: "flag", textContent: words.flag_review }));
    if (row.reviewed) marks.push(make("span", { className: "flag reviewed", textContent: words.flag_reviewed }));
    const under = make("span", { className: "under" }, ...marks, row.current_also.length ? say("also", { labels: shortNames(row.current_also) }) : "");
    return [
      make("th", { scope: "row", className: "number", textContent: row.number }),
      make("td", { className: "number" }, severityChip(row.severity)),
      make("td", {}, shortChip(row.current_label), under),
      make("td", { className: "text" }, make("span", { className: "clamp", lang: "zh-CN", textContent: row.text })),
      make("td", {}, make("span", { className: "clamp", textContent: [row.sender, row.signature].filter(Boolean).join(" ") })),
      make("td", { className: "time", textContent: stated(row.sent_at) }),
      make("td", { className: "number", textContent: row.cluster_size > 1 ? count(row.cluster_size) : "" }),
      make("td", { className: "number", textContent: percent(row.confidence) }),
    ];
  }

  function tableRow(row) {
    return make("tr", { id: `row-${row.number}`, tabIndex: -1, onclick: () => select(row.number) }, ...cells(row));
  }

  function mark() {
    for (const line of body.rows) {
      const is = line.id === `row-${selected}`;
      line.tabIndex = is ? 0 : -1;
      if (is) line.setAttribute("aria-current", "true");
      else line.removeAttribute("aria-current");
    }
    if (!body.querySelector("[aria-current]") && body.rows.length) body.rows[0].tabIndex = 0;
  }

  function show(answer) {
    total = answer.total;
    shown = answer.rows;
    body.replaceChildren(...shown.map(tableRow));
    mark();
    const none = byId("rows-none");
    none.hidden = shown.length > 0;
    none.textContent = getJob().rows_done ? words.rows_none : words.rows_waiting;
    byId("rows-found").textContent = say("rows_found", { total: count(total) });
    byId("page-of").textContent = say("page_of", { page: count(page), pages: count(pages()) });
    byId("page-previous").disabled = page <= 1;
    byId("page-next").disabled = page >= pages();
    for (const head of document.querySelectorAll("#rows th[data-sort]")) {
      const is = head.dataset.sort === form.sort.value;
      if (is) head.setAttribute("aria-sort", form.order.value === "asc" ? "ascending" : "descending");
      else head.removeAttribute("aria-sort");
    }
  }

  /** Load the page that the filters ask for; `keep` leaves the scroll position. */
  async function load({ keep = false } = {}) {
    asked?.abort();
    clearTimeout(again);
    const mine = (asked = new AbortController());
    refreshing = keep;
    loadedDone = getJob().rows_done;
    loadedFinal = ended();
    loadedAt = performance.now();
    fresh.hidden = true;
    byId("rows").setAttribute("aria-busy", "true");
    try {
      show(await api(`/${id}/rows?${query()}`, { signal: mine.signal }));
      if (!keep) byId("rows-box").scrollTop = 0;
    } catch (error) {
      complain(error);
    }
    if (asked !== mine) return;
    asked = null;
    refreshing = false;
    byId("rows").removeAttribute("aria-busy");
  }

  /** From now on somebody is at work here: rows must not move under their hands. */
  function hold() {
    clearTimeout(again);
    if (!refreshing) return;
    asked.abort();
    asked = null;
    refreshing = false;
    byId("rows").removeAttribute("aria-busy");
    fresh.hidden = false;
  }

  function select(number, { focus = true } = {}) {
    hold();
    selected = number;
    mark();
    const line = byId(`row-${number}`);
    line?.scrollIntoView({ block: "nearest" });
    if (focus) line?.focus({ preventScroll: true });
    detail.show(number);
  }

  async function move(step) {
    const at = shown.findIndex((row) => row.number === selected);
    const next = at < 0 ? (step > 0 ? 0 : shown.length - 1) : at + step;
    if (next >= 0 && next < shown.length) select(shown[next].number);
    else if (shown.length && (await turn(step))) select(shown[step > 0 ? 0 : shown.length - 1].number);
  }

  /** Turn the page; false at either end. */
  async function turn(step) {
    if (page + step < 1 || page + step > pages()) return false;
    page += step;
    await load();
    return true;
  }

  function refilter() {
    page = 1;
    return load();
  }

  /** A review has changed a row: show it where it stands, without sorting it away. */
  function changed(row) {
    const at = shown.findIndex((other) => other.number === row.number);
    if (at < 0) return;
    shown[at] = { ...shown[at], ...row };
    byId(`row-${row.number}`).replaceChildren(...cells(shown[at]));
  }

  const detail = startDetail(id, {
    changed,
    openCluster: (cluster) => filterBy({ cluster }),
    back: () => byId(`row-${selected}`)?.focus(),
  });

  function filterBy(values) {
    form.reset();
    for (const [name, value] of Object.entries(values)) form[name].value = value;
    document.dispatchEvent(new Event("desk:rows"));
    return refilter();
  }

  /** The batch has come further: load anew, unless somebody is at work on this page. */
  function progressed() {
    if (getJob().rows_done === loadedDone && ended() === loadedFinal) return;
    const untouched = selected === null && page === 1;
    if (!untouched && loadedDone > 0) {
      fresh.hidden = false;
      return;
    }
    clearTimeout(again);
    const wait = loadedDone <= 0 || ended() ? 0 : Math.max(0, loadedAt + REFRESH_MS - performance.now());
    again = setTimeout(() => (asked ? progressed() : load({ keep: true })), asked ? REFRESH_MS : wait);
  }

  form.addEventListener("submit", (event) => {
    if (event.submitter?.dataset.export !== undefined) return; // the browser saves the file
    event.preventDefault();
    refilter();
  });
  for (const name of ["label", "review", "reviewed"]) form[name].addEventListener("change", refilter);
  form.q.addEventListener("search", refilter); // also when the browser's own cross empties it
  byId("f-clear").addEventListener("click", () => filterBy({}));
  fresh.addEventListener("click", () => load());
  byId("page-previous").addEventListener("click", () => turn(-1));
  byId("page-next").addEventListener("click", () => turn(1));
  for (const head of document.querySelectorAll("#rows th[data-sort]")) {
    head.firstElementChild.addEventListener("click", () => {
      const same = form.sort.value === head.dataset.sort;
      form.order.value = same && form.order.value === "desc" ? "asc" : same || head.dataset.sort !== "number" ? "desc" : "asc";
      form.sort.value = head.dataset.sort;
      refilter();
    });
  }

  startKeys({
    move,
    turn,
    search: () => form.q.focus(),
    relabel: (label) => (selected === null ? announce(words.nothing_selected) : detail.relabel(label)),
    confirm: () => (selected === null ? announce(words.nothing_selected) : detail.confirm()),
    undo: () => detail.undo(),
    open: () => byId("detail").focus(),
    back: () => byId(`row-${selected}`)?.focus(),
  });

  return { progressed, filterBy };
}
