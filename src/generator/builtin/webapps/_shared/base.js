"use strict";
// What every page of this app shares: finding and making elements, calling the API, telling the person what happened.

const $ = (selector, root = document) => root.querySelector(selector);

/** Makes an element: `make("button", { class: "quiet", onclick: remove }, "Delete")`. Text is never read as HTML. */
function make(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null && child !== false));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** A 24 × 24 line icon from the data of its path. */
function icon(d) {
  const svg = document.createElementNS(SVG, "svg");
  const line = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("icon");
  line.setAttribute("d", d);
  svg.append(line);
  return svg;
}
const ICONS = {
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6L6 18",
  trash: "M5 7h14M10 7V4.5h4V7M7 7l1 12.5h8L17 7M10.5 11v5M13.5 11v5",
  edit: "M4 20l1-4L16 5l3 3L8 19l-4 1z",
  pin: "M9 4h6l-.7 6 3.2 3.5h-11L9.7 10 9 4zM12 13.5V20",
  back: "M14 6l-6 6 6 6",
};

/** Calls the API. Throws an Error whose message can be shown as it is. */
async function api(method, path, body) {
  let response;
  try {
    const json = { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
    response = await fetch(`api/${path}`, { method, ...(body && json) });
  } catch {
    throw new Error("The app cannot be reached. Check your connection and try again.");
  }
  const answer = response.status === 204 ? null : await response.json().catch(() => null);
  if (!response.ok) throw new Error(answer?.error ?? `The app answered with an error (${response.status}).`);
  return answer;
}

const toastBox = make("div", { class: "toast", role: "status", "aria-live": "polite" });
document.body.append(toastBox);
let toastTimer;

/** Shows a short message at the bottom of the page, read aloud too. `action` is `{ label, run }`, as in “Undo”. */
function toast(message, { error = false, action } = {}) {
  const hide = () => toastBox.classList.remove("shown", "error");
  const button = action && make("button", { type: "button", onclick: () => (hide(), action.run()) }, action.label);
  // An open dialog covers everything outside of it: the message goes inside.
  const host = $("dialog[open]") ?? document.body;
  if (toastBox.parentElement !== host) host.append(toastBox);
  toastBox.replaceChildren(message, button ?? "");
  toastBox.classList.toggle("error", error);
  toastBox.classList.add("shown");
  clearTimeout(toastTimer);
  toastTimer = setTimeout(hide, action || error ? 6000 : 3000);
}

/** Runs `work` and shows its error, if it has one. Returns whether it went well. */
async function attempt(work) {
  try {
    await work();
    return true;
  } catch (error) {
    toast(error.message, { error: true });
    return false;
  }
}

/** Calls `load` now, and again whenever the person comes back to this tab. */
function keepFresh(load) {
  document.addEventListener("visibilitychange", () => document.hidden || attempt(load));
  return attempt(load);
}
