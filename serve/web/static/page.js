// Light help for the page: count characters, and show the answer without a full reload.
// Everything works without this file.
"use strict";

const form = document.getElementById("form");
const text = document.getElementById("text");
const count = document.getElementById("count");
const facts = document.getElementById("facts");
const progress = document.getElementById("progress");
const button = form.querySelector("button");
let pending = null; // AbortController of the request whose answer is awaited

function showCount() {
  const limit = Number(count.dataset.limit);
  const length = [...text.value].length; // code points, as the server counts
  const over = length - limit;
  count.classList.toggle("over", over > 0);
  count.textContent =
    over > 0 ? count.dataset.over.replace("{over}", over)
    : length > limit * 0.8 ? count.dataset.count.replace("{count}", length).replace("{limit}", limit)
    : "";
}

function setWorking(working) {
  button.disabled = working;
  form.setAttribute("aria-busy", String(working));
  button.textContent = working ? form.dataset.working : button.dataset.label;
  progress.textContent = working ? form.dataset.working : ""; // read aloud, the button is not
}

// Take over from the server's page which field is wrong; without a page, none is.
function markInvalid(page) {
  for (const field of form.querySelectorAll("[name]")) {
    const theirs = page?.getElementById(field.id);
    field.setAttribute("aria-invalid", theirs?.getAttribute("aria-invalid") ?? "false");
    const hint = field.getAttribute("aria-describedby").replace(" error", "");
    field.setAttribute("aria-describedby", theirs?.getAttribute("aria-describedby") ?? hint);
  }
  if (facts.querySelector('[aria-invalid="true"]')) facts.open = true;
}

async function submit(event) {
  event.preventDefault();
  pending?.abort();
  const mine = (pending = new AbortController());
  setWorking(true);
  try {
    const response = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      signal: mine.signal,
    });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const result = page.getElementById("result");
    if (mine.signal.aborted) return;
    if (!result) throw new Error("no result in the answer");
    document.getElementById("result").replaceChildren(...result.childNodes);
    document.title = page.title;
    markInvalid(page);
    const outcome = document.getElementById("outcome");
    outcome.focus({ preventScroll: true });
    outcome.closest(".card").scrollIntoView({ block: "nearest" });
  } catch {
    if (mine.signal.aborted) return; // cleared, or asked anew
    form.submit(); // the plain way, which shows the browser's own error page if need be
    return;
  }
  setWorking(false);
}

button.dataset.label = button.textContent;
form.addEventListener("submit", submit);
text.addEventListener("input", showCount);
document.getElementById("clear").addEventListener("click", (event) => {
  event.preventDefault();
  pending?.abort();
  setWorking(false);
  text.value = "";
  for (const field of facts.querySelectorAll("[name]")) field.value = "";
  markInvalid(null);
  document.getElementById("result").replaceChildren();
  showCount();
  text.focus();
});
window.addEventListener("pageshow", () => setWorking(false)); // back from the cache
showCount();
