// One batch: confirm its columns, follow its progress, then the views of its rows.
import { announce, api, byId, bytes, complain, confirmDelete, count, duration, language, make, say, stateName, words } from "./triage-core.js";
import { follow } from "./triage-progress.js";
import { startRows } from "./triage-rows.js";
import { startViews } from "./triage-views.js";

const id = document.body.dataset.job;
const ROLES = ["text", "sent_at", "sender", "recipient", "id"];
const LIVE = ["queued", "running"];
let job = null;
let rows = null;
let views = null;
let leaving = false; // the batch is being deleted: nothing is followed any more

function showHead() {
  document.title = `${job.name} · ${words.title}`;
  byId("job-name").textContent = job.name;
  const state = byId("job-state");
  state.textContent = stateName(job.state);
  state.className = `state ${job.state}`;
  byId("job-cancel").hidden = !LIVE.includes(job.state);
  byId("job-resume").hidden = !["cancelled", "failed"].includes(job.state);
}

function showProgress() {
  const bar = byId("bar");
  const parts = [];
  if (job.state === "uploaded") {
    bar.value = 0;
  } else if (job.rows_total === null) {
    if (LIVE.includes(job.state)) bar.removeAttribute("value");
    else bar.value = 1;
    parts.push(say("progress_rows_open", { done: count(job.rows_done) }));
  } else {
    bar.max = Math.max(1, job.rows_total);
    bar.value = job.rows_total === 0 ? 1 : job.rows_done;
    parts.push(say("progress_rows", { done: count(job.rows_done), total: count(job.rows_total) }));
  }
  if (job.state === "queued") parts.push(words.progress_wait);
  if (job.state === "running" && job.rate) parts.push(say("progress_rate", { rate: count(Math.round(job.rate)) }));
  if (job.state === "running" && job.seconds_left !== null) parts.push(say("progress_left", { time: duration(job.seconds_left) }));
  if (job.state === "failed") parts.push(say("job_failed", { message: words[`failed_${job.error}`] ?? job.error ?? "" }));
  if (job.rows_bad) parts.push(say("progress_bad", { count: count(job.rows_bad) }));
  if (job.model && !LIVE.includes(job.state)) parts.push(say("model", { version: job.model }));
  byId("progress-words").textContent = parts.join(language === "zh" ? "　" : " · ");
}

function update(next) {
  const before = job?.state;
  job = { ...job, ...next };
  showHead();
  showProgress();
  byId("mapping").hidden = job.state !== "uploaded";
  byId("desk").hidden = job.state === "uploaded";
  if (job.state === "uploaded") return;
  rows ??= startRows(id, () => job);
  views ??= startViews(id, () => job, rows);
  rows.progressed();
  views.progressed();
  if (LIVE.includes(before) && job.state === "done") announce(words.job_finished);
  if (LIVE.includes(before) && job.state === "cancelled") announce(words.job_cancelled);
}

function watch() {
  follow(id, (next) => leaving || update(next), () => !leaving && LIVE.includes(job.state));
}

// --- columns ---------------------------------------------------------------------------------

function previewTable(inspection, chosen) {
  const role = (heading) => ROLES.find((name) => chosen[name] === heading);
  const head = make("tr");
  const classes = inspection.headings.map((heading) => (role(heading) ? `is-${role(heading)}` : ""));
  inspection.headings.forEach((heading, i) => {
    const is = role(heading);
    head.append(make("th", { scope: "col", className: classes[i] }, heading, make("small", { textContent: is ? say("map_is", { role: words[`map_${is}`].split(/[（(]/)[0].trim() }) : "" })));
  });
  const lines = inspection.preview.map((cells) =>
    make("tr", {}, ...inspection.headings.map((_, i) => make("td", { className: classes[i], textContent: cells[i] ?? "" }))));
  const table = byId("map-preview");
  table.tHead.replaceChildren(head);
  table.tBodies[0].replaceChildren(...lines);
  byId("map-caption").textContent = say("map_preview", { count: inspection.preview.length });
}

function chosenMapping() {
  return Object.fromEntries(ROLES.map((role) => [role, byId(`map-${role}`).value || null]));
}

function showMapping(inspection) {
  const file = { kind: inspection.kind.toUpperCase(), encoding: inspection.encoding ?? "", size: bytes(job.file_bytes) };
  byId("map-file").textContent = say("map_file", file);
  for (const role of ROLES) {
    const options = inspection.headings.map((heading) => make("option", { value: heading, textContent: heading }));
    const select = byId(`map-${role}`);
    const guess = inspection.mapping?.[role] ?? "";
    if (role !== "text" || !guess) options.unshift(make("option", { value: "", textContent: words.map_none }));
    select.replaceChildren(...options);
    select.value = guess;
    select.onchange = () => previewTable(inspection, chosenMapping());
  }
  previewTable(inspection, chosenMapping());
}

byId("map-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const wrong = byId("map-error");
  const button = byId("map-start");
  wrong.hidden = true;
  button.disabled = true;
  try {
    update(await api(`/${id}/start`, { method: "POST", body: { mapping: chosenMapping() } }));
    byId("tab-rows").focus();
    watch();
  } catch (error) {
    wrong.textContent = error.message;
    wrong.hidden = false;
  }
  button.disabled = false;
});

// --- whole batch -----------------------------------------------------------------------------

byId("job-cancel").addEventListener("click", async () => {
  try {
    update(await api(`/${id}/cancel`, { method: "POST" }));
    byId("tab-rows").focus();
  } catch (error) {
    complain(error);
  }
});

byId("job-resume").addEventListener("click", async () => {
  try {
    update(await api(`/${id}/start`, { method: "POST" }));
    byId("tab-rows").focus();
    watch();
  } catch (error) {
    complain(error);
  }
});

byId("job-delete").addEventListener("click", async () => {
  if (!(await confirmDelete(job.name))) return;
  leaving = true;
  try {
    await api(`/${id}`, { method: "DELETE" });
    location.assign(`/triage?lang=${language}`);
  } catch (error) {
    leaving = false;
    watch();
    complain(error);
  }
});

const tabs = [...document.querySelectorAll(".tab")];

export function openTab(tab, { focus = false } = {}) {
  for (const other of tabs) {
    const chosen = other === tab;
    other.setAttribute("aria-selected", String(chosen));
    other.tabIndex = chosen ? 0 : -1;
    byId(other.getAttribute("aria-controls")).hidden = !chosen;
  }
  if (focus) tab.focus();
  views?.show(tab.id.slice("tab-".length));
}

tabs.forEach((tab, i) => {
  tab.addEventListener("click", () => openTab(tab));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    openTab(tabs[(i + step + tabs.length) % tabs.length], { focus: true });
  });
});
document.addEventListener("desk:rows", () => openTab(byId("tab-rows"))); // a view filters the rows

const reviewer = byId("reviewer");
if (!reviewer.readOnly) {
  reviewer.value = localStorage.getItem("dunlens-reviewer") ?? "";
  reviewer.addEventListener("change", () => localStorage.setItem("dunlens-reviewer", reviewer.value.trim()));
}
byId("help-open").addEventListener("click", () => byId("help").showModal());

try {
  update(await api(`/${id}`));
  if (job.state === "uploaded") showMapping(await api(`/${id}/inspection`));
  else watch();
} catch (error) {
  complain(error);
  byId("progress-words").textContent = error.message;
}
