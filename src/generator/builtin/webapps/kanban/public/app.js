"use strict";

const DRAG_AFTER_PX = 5;
const LABELS = ["none", "red", "amber", "green", "blue", "violet"];
const GRIP = "M9 6v.01M15 6v.01M9 12v.01M15 12v.01M9 18v.01M15 18v.01";
const board = $("#board");
const voice = $("#voice");
let columns = [];
let lifted = null; // The card that the arrow keys move: { id, before }.
let dragging = false;
let subject = null; // What the open dialog is about.

const columnOf = (cardId) => columns.find((column) => column.cards.some((card) => card.id === cardId));
const cardElement = (id) => $(`.card[data-id="${id}"]`);
const say = (words) => (voice.textContent = words);

async function load() {
  if (lifted || dragging) return;
  ({ columns } = await api("GET", "board"));
  render();
}

function render() {
  const focused = document.activeElement?.dataset?.id;
  const drafts = new Map([...document.querySelectorAll(".add")].map((form) => [form.dataset.column, $("input", form)]));
  const scrolled = board.scrollLeft;
  board.replaceChildren(...columns.map((column) => drawColumn(column, drafts.get(column.id))));
  board.scrollLeft = scrolled;
  const all = columns.reduce((sum, column) => sum + column.cards.length, 0);
  $("#summary").textContent = `${all} ${all === 1 ? "card" : "cards"}`;
  if (focused) cardElement(focused)?.focus();
}

function drawColumn(column, draft) {
  const field = draft ?? make("input", { class: "field", maxlength: 140, placeholder: "+ Add a card", "aria-label": `New card in ${column.name}` });
  const focused = document.activeElement === draft;
  const add = async (event) => {
    event.preventDefault();
    const title = field.value.trim();
    if (!title) return toast("Write a title for the card first.");
    await attempt(async () => {
      column.cards.push(await api("POST", "cards", { columnId: column.id, title }));
      field.value = "";
      render();
      $(".cards", $(`[data-column="${column.id}"]`)).scrollTop = 1e6;
    });
    field.focus();
  };
  if (focused) queueMicrotask(() => field.focus());
  return make("section", { class: "column", "data-column": column.id, "aria-label": column.name },
    make("h2", {}, column.name, make("span", { class: "count", "aria-label": `${column.cards.length} cards` }, String(column.cards.length)),
      make("button", { class: "quiet square push", "aria-label": `Change column ${column.name}`, onclick: () => openColumn(column) }, icon(ICONS.edit))),
    make("ul", { class: "cards" }, ...column.cards.map(drawCard)),
    make("form", { class: "add", "data-column": column.id, autocomplete: "off", onsubmit: add }, field));
}

function drawCard(card) {
  const grip = make("span", { class: "grip", "aria-hidden": "true" }, icon(GRIP));
  const element = make("li", { class: "card", tabindex: 0, "data-id": card.id, "data-label": card.label, "aria-roledescription": "card, press Space to move, Enter to open",
    ondblclick: () => openCard(card), onkeydown: (event) => cardKey(event, card), onblur: () => lifted?.id === card.id && !moving && drop(),
    onpointerdown: (event) => (event.pointerType === "mouse" || event.target.closest(".grip")) && startDrag(event, element, card) },
    card.title, card.note && make("p", {}, card.note), grip);
  if (lifted?.id === card.id) element.classList.add("lifted");
  // A finger has no double click and no key: a tap opens the card.
  element.addEventListener("click", (event) => event.pointerType === "touch" && !event.target.closest(".grip") && openCard(card));
  return element;
}

/* Moving by keyboard: Space lifts, arrows move, Space or Enter drops, Escape puts back. */

let moving = false;

function cardKey(event, card) {
  const held = lifted?.id === card.id;
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  if (event.key === " ") held ? drop() : lift(card);
  else if (event.key === "Enter") held ? drop() : openCard(card);
  else if (event.key === "Escape" && held) putBack();
  else if (event.key === "Delete" && !held) removeCard(card);
  else if (steps[event.key]) held ? move(card, ...steps[event.key]) : lookAround(card, ...steps[event.key]);
  else return;
  event.preventDefault();
}

function lift(card) {
  lifted = { id: card.id, before: columns.map((column) => [...column.cards]) };
  cardElement(card.id).classList.add("lifted");
  say(`${card.title} lifted. Move it with the arrow keys, drop it with Space.`);
}

function move(card, across, down) {
  const from = columnOf(card.id);
  const to = columns[columns.indexOf(from) + across];
  if (!to) return;
  const index = from.cards.indexOf(card);
  place(card, to, across ? index : index + down);
  moving = true; // The redraw takes the focus away for a moment: that is no drop.
  render();
  moving = false;
  cardElement(card.id).scrollIntoView({ block: "nearest", inline: "nearest" });
  say(`${to.name}, position ${to.cards.indexOf(card) + 1} of ${to.cards.length}.`);
}

function place(card, to, index) {
  const from = columnOf(card.id);
  from.cards.splice(from.cards.indexOf(card), 1);
  to.cards.splice(Math.max(0, Math.min(index, to.cards.length)), 0, card);
}

function drop() {
  const { id } = lifted;
  lifted = null;
  cardElement(id)?.classList.remove("lifted");
  const column = columnOf(id);
  say(`Dropped in ${column.name}.`);
  savePlace(id, column);
}

function putBack() {
  columns.forEach((column, at) => (column.cards = lifted.before[at]));
  lifted = null;
  render();
  say("Put back.");
}

async function savePlace(id, column) {
  const index = column.cards.findIndex((card) => card.id === id);
  if (!(await attempt(() => api("PATCH", `cards/${id}`, { columnId: column.id, index })))) await attempt(load);
}

function lookAround(card, across, down) {
  const column = columnOf(card.id);
  const index = column.cards.indexOf(card);
  if (down) return cardElement(column.cards[index + down]?.id)?.focus();
  let at = columns.indexOf(column) + across;
  while (columns[at] && !columns[at].cards.length) at += across;
  const cards = columns[at]?.cards ?? [];
  cardElement(cards[Math.min(index, cards.length - 1)]?.id)?.focus();
}

/* Moving by pointer: a copy of the card flies with it, the card itself shows where it would land. */

function startDrag(down, element, card) {
  if (down.button !== 0 || lifted) return;
  const box = element.getBoundingClientRect();
  let flying = null;
  const onMove = (event) => {
    if (!flying) {
      if (Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) < DRAG_AFTER_PX) return;
      flying = element.cloneNode(true);
      flying.classList.add("flying");
      flying.style.width = `${box.width}px`;
      document.body.append(flying);
      document.body.classList.add("dragging");
      element.classList.add("ghost");
      dragging = true;
    }
    event.preventDefault();
    flying.style.left = `${box.left + event.clientX - down.clientX}px`;
    flying.style.top = `${box.top + event.clientY - down.clientY}px`;
    scrollNear(event.clientX);
    const column = document.elementFromPoint(event.clientX, event.clientY)?.closest(".column");
    if (!column) return;
    const others = [...column.querySelectorAll(".card:not(.ghost)")];
    const next = others.find((other) => event.clientY < other.getBoundingClientRect().top + other.offsetHeight / 2);
    $(".cards", column).insertBefore(element, next ?? null);
  };
  const finish = (keep) => {
    for (const [name, listener] of Object.entries(listeners)) removeEventListener(name, listener);
    if (!flying) return;
    flying.remove();
    document.body.classList.remove("dragging");
    dragging = false;
    if (keep) {
      const to = columns.find((column) => column.id === element.closest(".column").dataset.column);
      place(card, to, [...element.parentElement.children].indexOf(element));
      savePlace(card.id, to);
    }
    render();
  };
  const listeners = { pointermove: onMove, pointerup: () => finish(true), pointercancel: () => finish(false),
    keydown: (event) => event.key === "Escape" && finish(false) };
  for (const [name, listener] of Object.entries(listeners)) addEventListener(name, listener);
}

function scrollNear(x) {
  if (x < 48) board.scrollLeft -= 14;
  if (x > innerWidth - 48) board.scrollLeft += 14;
}

/* Dialogs. */

function openCard(card) {
  subject = card;
  const { title, note, label } = $("#card-form").elements;
  [title.value, note.value, label.value] = [card.title, card.note, card.label];
  $("#card-dialog").showModal();
}

function openColumn(column) {
  subject = column;
  $("#column-heading").textContent = column ? "Change column" : "New column";
  $("#column-delete").hidden = !column;
  $("#column-form").elements.name.value = column?.name ?? "";
  $("#column-dialog").showModal();
}

async function removeCard(card) {
  const column = columnOf(card.id);
  await attempt(async () => {
    await api("DELETE", `cards/${card.id}`);
    await load();
    const { title, note, label } = card;
    const undo = async () => (await api("POST", "cards", { columnId: column.id, title, note, label }), load());
    toast("Card deleted.", { action: { label: "Undo", run: () => attempt(undo) } });
  });
}

/** Closes the dialog of `form` when `work` went well, and shows the new board. */
async function submit(form, work) {
  if (!(await attempt(work))) return;
  form.closest("dialog").close();
  await attempt(load);
}

$("#card-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const { title, note, label } = event.target.elements;
  submit(event.target, () => api("PATCH", `cards/${subject.id}`, { title: title.value, note: note.value, label: label.value }));
});
$("#column-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const name = event.target.elements.name.value;
  submit(event.target, () => (subject ? api("PATCH", `columns/${subject.id}`, { name }) : api("POST", "columns", { name })));
});
$("#card-delete").addEventListener("click", () => ($("#card-dialog").close(), removeCard(subject)));
$("#column-delete").addEventListener("click", () => submit($("#column-form"), () => api("DELETE", `columns/${subject.id}`)));
for (const button of document.querySelectorAll("[data-close]")) button.addEventListener("click", () => button.closest("dialog").close());
$(".labels").append(...LABELS.map((name) => make("input", { type: "radio", name: "label", value: name, "data-label": name, "aria-label": name, title: name })));
$("#add-column").append(icon(ICONS.plus), "Column");
$("#add-column").addEventListener("click", () => openColumn(null));
keepFresh(load);
