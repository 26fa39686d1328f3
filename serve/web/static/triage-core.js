// What all scripts of the desk share: words, elements, requests, formats.
// Texts reach the page through textContent only, so that no cell of a file can become markup.

const data = document.body.dataset;
export const language = data.language;
export const words = JSON.parse(data.words);
export const labelNames = JSON.parse(data.labels);
export const reviewNames = JSON.parse(data.reviews);
export const GRAVITY = ["threat_extortion", "privacy_disclosure", "harassment", "lawful_reminder", "out_of_scope"];
export const UNLAWFUL = GRAVITY.slice(0, 3);

export const byId = (id) => document.getElementById(id);

/** The words for `key`, with {name} replaced by values[name]. */
export function say(key, values = {}) {
  return words[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** An element; `attributes` set properties where they exist (className, textContent, onclick). */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name in element && !name.includes("-")) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Say something to eyes and screen readers at the foot of the page. */
export function announce(text) {
  const status = byId("status");
  status.textContent = text;
  status.classList.toggle("shown", text !== "");
  clearTimeout(announce.timer);
  announce.timer = setTimeout(() => announce(""), 8000);
}

export class Refused extends Error {
  constructor(message, status, code) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export async function refusal(status, body) {
  if (status === 401) location.assign(`/triage?lang=${language}`); // shows the key form
  return new Refused(body?.error?.message ?? String(status), status, body?.error?.code);
}

/** Ask the API; the answer's JSON, or throw Refused with a message in the page's language. */
export async function api(path, { method = "GET", body, signal } = {}) {
  const headers = { "Accept-Language": language };
  if (method === "POST") headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(`/v1/triage/jobs${path}`, {
      method,
      headers,
      signal,
      body: method === "POST" ? JSON.stringify(body ?? {}) : undefined,
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(words.error_network, 0);
  }
  if (response.status === 204) return null;
  const answer = await response.json().catch(() => null);
  if (!response.ok) throw await refusal(response.status, answer);
  return answer;
}

export function complain(error) {
  if (error.name !== "AbortError") announce(say("error", { message: error.message }));
}

const number = new Intl.NumberFormat(language === "zh" ? "zh-CN" : "en");
export const count = (n) => number.format(n);
export const percent = (p) => `${Math.min(Math.max(Math.round(100 * p), 1), 99)}%`;
export const points = (p) => String(Math.round(p * 10) / 10);

export function bytes(n) {
  return n < 2 ** 20 ? `${number.format(Math.ceil(n / 1024))} KiB` : `${number.format(Math.round(n / 2 ** 20))} MiB`;
}

/** An instant (with its zone) in the reader's own time. */
export function instant(iso) {
  if (!iso) return "";
  const at = new Date(iso);
  const two = (n) => String(n).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** A time as the file states it, to the minute; it has no zone and is not shifted. */
export const stated = (iso) => (iso ? iso.slice(0, 16).replace("T", " ") : "");

export function duration(seconds) {
  const n = Math.max(1, Math.round(seconds));
  if (n < 90) return say("seconds", { n });
  if (n < 5400) return say("minutes", { n: Math.round(n / 60) });
  return say("hours", { n: Math.floor(n / 3600), m: Math.round((n % 3600) / 60) });
}

export const stateName = (state) => words[`state_${state}`] ?? state;

/** A label as a coloured chip with its name: colour is never the only sign. */
export function chip(label) {
  return make("span", { className: `chip ${label}`, textContent: labelNames[label] ?? label });
}

/** The same with its short name, for tables. */
export function shortChip(label) {
  return make("span", { className: `chip ${label}`, textContent: words[`short_${label}`] ?? label, title: labelNames[label] ?? label });
}

/** A severity score in whole points, with a colour for its height. */
export function severityChip(score) {
  return make("span", { className: `severity s${Math.min(9, Math.floor(score / 10))}`, textContent: Math.round(score) });
}

export const shortNames = (labels) => labels.map((label) => words[`short_${label}`] ?? label).join(language === "zh" ? "、" : ", ");
export const names = (labels) => labels.map((label) => labelNames[label] ?? label).join(language === "zh" ? "、" : ", ");

/** Ask in the page's own dialog whether to delete; resolves to true or false. */
export function confirmDelete(name) {
  const dialog = byId("delete");
  byId("delete-ask").textContent = say("job_delete_ask", { name });
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
