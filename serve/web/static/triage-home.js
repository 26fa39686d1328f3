// The first page of the desk: upload by drop or chooser, and the list of batches.
import { announce, api, byId, bytes, complain, confirmDelete, count, instant, language, make, say, stateName, words } from "./triage-core.js";

const drop = byId("drop");
const input = byId("file");
const bar = byId("upload-progress");
const line = byId("upload-state");
const limit = Number(document.body.dataset.limit);
let uploading = false;

function showUpload(text, { wrong = false, value = null } = {}) {
  line.textContent = text;
  line.classList.toggle("error", wrong);
  bar.hidden = value === null;
  if (value !== null) bar.value = value;
}

// XMLHttpRequest, because fetch does not tell how much of a body has been sent
function upload(file) {
  if (uploading) return;
  if (file.size > limit) {
    showUpload(say("upload_failed", { name: file.name, message: `${bytes(file.size)} > ${bytes(limit)}` }), { wrong: true });
    return;
  }
  uploading = true;
  const request = new XMLHttpRequest();
  request.open("POST", "/v1/triage/jobs");
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.setRequestHeader("X-Filename", encodeURIComponent(file.name));
  request.setRequestHeader("Accept-Language", language);
  request.responseType = "json";
  request.upload.onprogress = (event) => {
    const sent = Math.floor((100 * event.loaded) / event.total);
    showUpload(sent < 100 ? say("uploading", { name: file.name, percent: sent }) : say("upload_saving", { name: file.name }), { value: sent });
  };
  request.onload = () => {
    uploading = false;
    if (request.status === 201) {
      location.assign(`/triage/jobs/${request.response.job.id}?lang=${language}`);
      return;
    }
    if (request.status === 401) location.reload(); // the key form
    const message = request.response?.error?.message ?? String(request.status);
    showUpload(say("upload_failed", { name: file.name, message }), { wrong: true });
  };
  request.onerror = () => {
    uploading = false;
    showUpload(say("upload_failed", { name: file.name, message: words.error_network }), { wrong: true });
  };
  showUpload(say("uploading", { name: file.name, percent: 0 }), { value: 0 });
  request.send(file);
}

function take(files) {
  if (files.length === 1) upload(files[0]);
  else if (files.length > 1) showUpload(words.upload_one, { wrong: true });
}

input.addEventListener("change", () => {
  take(input.files);
  input.value = ""; // the same file may be chosen again
});
for (const type of ["dragenter", "dragover"]) {
  document.addEventListener(type, (event) => {
    event.preventDefault(); // a file dropped beside the frame must not replace the page
    drop.classList.toggle("over", drop.contains(event.target));
  });
}
document.addEventListener("dragleave", () => drop.classList.remove("over"));
document.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  if (drop.contains(event.target)) take(event.dataTransfer.files);
});

const body = byId("jobs").tBodies[0];

function jobRow(job) {
  const rows = job.state === "done" || job.rows_total === null ? count(job.rows_done) : `${count(job.rows_done)} / ${count(job.rows_total)}`;
  const remove = make("button", { type: "button", className: "plain", textContent: words.job_delete, "aria-label": `${words.job_delete} ${job.name}`, onclick: () => deleteJob(job) });
  return make(
    "tr",
    { id: `job-${job.id}` },
    make("th", { scope: "row" }, make("a", { href: `/triage/jobs/${job.id}?lang=${language}`, textContent: job.name })),
    make("td", {}, make("span", { className: `state ${job.state}`, textContent: stateName(job.state) })),
    make("td", { className: "number", textContent: job.state === "uploaded" ? "—" : rows }),
    make("td", { textContent: instant(job.created_at) }),
    make("td", { textContent: instant(job.expires_at) }),
    make("td", { className: "end" }, remove),
  );
}

async function deleteJob(job) {
  if (!(await confirmDelete(job.name))) return;
  try {
    await api(`/${job.id}`, { method: "DELETE" });
    announce(say("job_deleted", { name: job.name }));
    await showJobs();
    byId("upload-heading").closest("section").querySelector("input").focus();
  } catch (error) {
    complain(error);
  }
}

let shown = "";

async function showJobs() {
  const { jobs } = await api("");
  const now = JSON.stringify(jobs);
  if (now !== shown) { // an unchanged list keeps its focus
    const focused = document.activeElement?.closest?.("tr")?.id;
    const tag = document.activeElement?.tagName;
    body.replaceChildren(...jobs.map(jobRow));
    if (focused) byId(focused)?.querySelector(tag)?.focus();
    shown = now;
  }
  byId("jobs-none").hidden = jobs.length > 0;
  byId("jobs").hidden = jobs.length === 0;
  return jobs;
}

async function watch() {
  let busy = false;
  try {
    busy = (await showJobs()).some((job) => ["queued", "running"].includes(job.state));
  } catch (error) {
    complain(error);
  }
  setTimeout(watch, busy && !document.hidden ? 2000 : 10000);
}

watch();
