"use strict";

const SAVE_AFTER_MS = 400;
const SEARCH_AFTER_MS = 150;
const title = $("#title");
const body = $("#body");
const search = $("#search");
let notes = [];
let total = 0;
let open = null; // The note in the editor.
let unsaved = false;
let saveTimer;
let searchTimer;

async function load() {
  ({ notes, total } = await api("GET", `notes?q=${encodeURIComponent(search.value.trim())}`));
  const fresh = open && notes.find((note) => note.id === open.id);
  if (fresh && !unsaved && fresh.updated > open.updated) show(fresh);
  renderList();
}

function renderList() {
  const words = search.value.trim().split(/\s+/).filter(Boolean);
  const several = (count) => `${count} ${count === 1 ? "note" : "notes"}`;
  $("#count").textContent = words.length ? `${notes.length} of ${several(total)}` : several(total);
  $("#list").replaceChildren(...notes.map((note) => {
    const button = make("button", { class: "note", "data-id": note.id, "aria-current": note.id === open?.id, onclick: () => choose(note) },
      make("strong", {}, note.pinned && icon(ICONS.pin), make("span", {}, ...marked(note.title || "Untitled", words)),
        make("time", { datetime: new Date(note.updated).toISOString() }, when(note.updated))),
      make("small", {}, ...marked(preview(note.body, words), words)));
    return make("li", {}, button);
  }));
}

/** The text cut at the searched words, each in a <mark>. */
function marked(text, words) {
  if (!words.length) return [text];
  const any = new RegExp(`(${words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})`, "gi");
  return text.split(any).map((part, at) => (at % 2 ? make("mark", {}, part) : part));
}

function preview(text, words) {
  const at = words.length ? text.toLowerCase().indexOf(words[0].toLowerCase()) : 0;
  const from = Math.max(0, at - 20);
  return (from ? "…" : "") + text.slice(from, from + 120).replace(/\s+/g, " ") || "No text yet";
}

function when(time) {
  const date = new Date(time);
  const today = date.toDateString() === new Date().toDateString();
  return today ? date.toLocaleTimeString("en", { hour: "2-digit", minute: "2-digit", hour12: false }) : date.toLocaleDateString("en", { day: "numeric", month: "short" });
}

async function choose(note) {
  await save();
  show(note);
  renderList();
}

function show(note) {
  open = note;
  document.body.classList.toggle("writing", Boolean(note));
  $("#editor").hidden = !note;
  $("#blank").hidden = Boolean(note);
  if (!note) return;
  title.value = note.title;
  body.value = note.body;
  $("#pin").setAttribute("aria-pressed", note.pinned);
  $("#status").textContent = "Saved";
  countWords();
}

async function start() {
  await save();
  await attempt(async () => {
    const note = await api("POST", "notes", {});
    search.value = "";
    show(note);
    await load();
    title.focus();
  });
}

function typed() {
  unsaved = true;
  $("#status").textContent = "Saving…";
  clearTimeout(saveTimer);
  saveTimer = setTimeout(save, SAVE_AFTER_MS);
  countWords();
}

async function save() {
  clearTimeout(saveTimer);
  if (!unsaved || !open) return;
  const [note, text] = [open, { title: title.value, body: body.value }];
  unsaved = false;
  const saved = await attempt(async () => Object.assign(note, await api("PATCH", `notes/${note.id}`, text)));
  if (note !== open) return;
  if (!saved) unsaved = true;
  $("#status").textContent = saved && !unsaved ? "Saved" : saved ? "Saving…" : "Not saved yet";
  if (saved) await attempt(load);
}

async function pin() {
  await save();
  await attempt(async () => {
    Object.assign(open, await api("PATCH", `notes/${open.id}`, { pinned: !open.pinned }));
    $("#pin").setAttribute("aria-pressed", open.pinned);
    await load();
  });
}

async function remove() {
  await save();
  const { id, title: heading, body: text, pinned } = open;
  await attempt(async () => {
    await api("DELETE", `notes/${id}`);
    show(null);
    await load();
    const undo = async () => {
      show(await api("POST", "notes", { title: heading, body: text, pinned }));
      await load();
    };
    toast("Note deleted.", { action: { label: "Undo", run: () => attempt(undo) } });
  });
}

function countWords() {
  const count = (body.value.match(/\S+/g) ?? []).length;
  $("#words").textContent = `${count} ${count === 1 ? "word" : "words"}`;
}

$("#new").append(icon(ICONS.plus));
$("#back").append(icon(ICONS.back));
$("#pin").append(icon(ICONS.pin));
$("#delete").append(icon(ICONS.trash));
$("#new").addEventListener("click", start);
$("#first").addEventListener("click", start);
$("#pin").addEventListener("click", pin);
$("#delete").addEventListener("click", remove);
$("#back").addEventListener("click", async () => (await save(), show(null), renderList()));
$("#editor").addEventListener("submit", (event) => (event.preventDefault(), body.focus()));
$("#editor").addEventListener("input", typed);
search.addEventListener("input", () => {
  clearTimeout(searchTimer);
  searchTimer = setTimeout(() => attempt(load), SEARCH_AFTER_MS);
});
document.addEventListener("keydown", (event) => {
  if (event.altKey && event.code === "KeyN") (event.preventDefault(), start());
});
addEventListener("beforeunload", (event) => unsaved && event.preventDefault());
keepFresh(load);
