"use strict";
// Kanban board. Columns hold the ids of their cards in order; cards hold what is written on them.

const { serve, refuse, created, text, find } = require("./lib/http");

const PROMPT = "{{prompt}}";
const CARDS_MAX = 400;
const COLUMNS_MAX = 8;
const NAME_MAX = 40;
const TITLE_MAX = 140;
const NOTE_MAX = 2000;
const LABELS = ["none", "red", "amber", "green", "blue", "violet"];

const columns = [];
const cards = new Map();
let lastId = 0;
const newId = () => String((lastId += 1));

for (const name of columnsIn(PROMPT) ?? ["To do", "Doing", "Done"]) columns.push({ id: newId(), name, cards: [] });

/** The columns a prompt asks for, as in “with columns Backlog, Doing and Done”; null if it names fewer than two. */
function columnsIn(prompt) {
  const asked = /\b(?:columns?|lists|stages|lanes)\b(?:\s+(?:named|called|are|for|like))*\s*:?\s*([^.;\n()]+)/i.exec(prompt);
  const names = (asked?.[1] ?? "").split(/\s*,\s*(?:and\s+)?|\s+and\s+/i).map((name) => name.replace(/^["'“”]+|["'“”]+$/g, "").trim());
  const good = [...new Set(names)].filter((name) => name && name.length <= 24 && name.split(" ").length <= 3);
  return good.length >= 2 && good.length === names.length ? good.slice(0, COLUMNS_MAX).map((name) => name[0].toUpperCase() + name.slice(1)) : null;
}

function columnOf(id) {
  const column = columns.find((candidate) => candidate.id === id);
  if (!column) throw refuse(404, "This column does not exist (any more).");
  return column;
}

/** The fields of `body` that a card has, checked. */
function fieldsOf(body) {
  const fields = {};
  if (body.title !== undefined) fields.title = text(body, "title", { max: TITLE_MAX, label: "card title" });
  if (body.note !== undefined) fields.note = text(body, "note", { max: NOTE_MAX, empty: true });
  if (body.label !== undefined) {
    if (!LABELS.includes(body.label)) throw refuse(400, `“label” must be one of ${LABELS.join(", ")}.`);
    fields.label = body.label;
  }
  return fields;
}

/** Where a card should go, checked: `{ column, index }`, or null if `body` does not move it. */
function placeOf(body) {
  if (body.columnId === undefined && body.index === undefined) return null;
  const column = columnOf(body.columnId);
  const { index = column.cards.length } = body;
  if (!Number.isInteger(index) || index < 0) throw refuse(400, "“index” must be a whole number from 0.");
  return { column, index };
}

function takeOut(id) {
  for (const column of columns) column.cards = column.cards.filter((other) => other !== id);
}

const board = () => ({
  columns: columns.map(({ id, name, cards: ids }) => ({ id, name, cards: ids.map((card) => cards.get(card)) })),
});

serve({
  icon: '<rect width="32" height="32" rx="9" fill="#3a5bd0"/><path d="M9.5 9v14M16 9v8M22.5 9v11" stroke="#fff" stroke-width="4" stroke-linecap="round"/>',
  routes: {
    "GET /api/board": board,

    "POST /api/cards": ({ body }) => {
      const column = columnOf(body.columnId);
      const card = { id: "", note: "", label: "none", ...fieldsOf({ title: "", ...body }) };
      if (cards.size >= CARDS_MAX) throw refuse(409, `The board is full: at most ${CARDS_MAX} cards.`);
      card.id = newId();
      cards.set(card.id, card);
      column.cards.push(card.id);
      return created(card);
    },

    "PATCH /api/cards/:id": ({ params, body }) => {
      const card = find(cards, params.id, "card");
      const [fields, place] = [fieldsOf(body), placeOf(body)];
      if (!place && !Object.keys(fields).length) throw refuse(400, "Send “title”, “note”, “label” or “columnId”.");
      Object.assign(card, fields);
      if (place) {
        takeOut(card.id);
        place.column.cards.splice(place.index, 0, card.id);
      }
      return card;
    },

    "DELETE /api/cards/:id": ({ params }) => {
      const card = find(cards, params.id, "card");
      takeOut(card.id);
      cards.delete(card.id);
    },

    "POST /api/columns": ({ body }) => {
      const name = text(body, "name", { max: NAME_MAX });
      if (columns.length >= COLUMNS_MAX) throw refuse(409, `At most ${COLUMNS_MAX} columns fit on the board.`);
      const column = { id: newId(), name, cards: [] };
      columns.push(column);
      return created(column);
    },

    "PATCH /api/columns/:id": ({ params, body }) => {
      const column = columnOf(params.id);
      column.name = text(body, "name", { max: NAME_MAX });
      return { id: column.id, name: column.name };
    },

    "DELETE /api/columns/:id": ({ params }) => {
      const column = columnOf(params.id);
      if (column.cards.length) throw refuse(409, "Move or delete the cards of this column first.");
      columns.splice(columns.indexOf(column), 1);
    },
  },
});
