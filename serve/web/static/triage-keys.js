// Single keys of the desk. They rest while somebody types, while a dialog is open, and where
// they have been switched off (people who dictate set them off by mistake).
import { byId, GRAVITY } from "./triage-core.js";

const SWITCH = "dunlens-keys";

function typing(target) {
  return target.closest("input:not([type=checkbox]):not([type=radio]), select, textarea, [contenteditable]") !== null;
}

export function startKeys(act) {
  const on = byId("keys-on");
  on.checked = localStorage.getItem(SWITCH) !== "off";
  on.addEventListener("change", () => localStorage.setItem(SWITCH, on.checked ? "on" : "off"));

  const keys = {
    j: () => act.move(1),
    k: () => act.move(-1),
    "[": () => act.turn(-1),
    "]": () => act.turn(1),
    c: () => act.confirm(),
    u: () => act.undo(),
    "/": () => act.search(),
    "?": () => byId("help").showModal(),
  };
  GRAVITY.forEach((label, i) => {
    keys[i + 1] = () => act.relabel(label);
  });

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    if (byId("view-rows").hidden || byId("desk").hidden) return;
    if (event.key === "Escape") {
      act.back();
      return;
    }
    if (typing(event.target)) return;
    if (event.key === "Enter" && event.target.matches("#rows tbody tr")) {
      event.preventDefault();
      act.open();
      return;
    }
    if (!on.checked || !Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]();
  });
}
