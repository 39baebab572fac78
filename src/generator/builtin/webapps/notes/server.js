"use strict";
// Notes with search. Notes live in memory; the list is pinned first, then the latest change first.

const { serve, refuse, created, text, flag, find } = require("./lib/http");

const NOTES_MAX = 300;
const TITLE_MAX = 120;
const BODY_MAX = 20_000;
const QUERY_MAX = 200;

const notes = new Map();
let lastId = 0;

/** The fields of `body` that a note has, checked. */
function fieldsOf(body) {
  const fields = {};
  if (body.title !== undefined) fields.title = text(body, "title", { max: TITLE_MAX, empty: true });
  if (body.body !== undefined) fields.body = text(body, "body", { max: BODY_MAX, label: "note", empty: true });
  if (body.pinned !== undefined) fields.pinned = flag(body, "pinned");
  return fields;
}

serve({
  icon: '<rect width="32" height="32" rx="9" fill="#b4690e"/><path d="M10 11h12M10 16h12M10 21h7" stroke="#fff" stroke-width="2.6" stroke-linecap="round"/>',
  routes: {
    "GET /api/notes": ({ query }) => {
      const words = (query.get("q") ?? "").toLowerCase().slice(0, QUERY_MAX).split(/\s+/).filter(Boolean);
      const found = [...notes.values()].filter((note) => {
        const all = `${note.title}\n${note.body}`.toLowerCase();
        return words.every((word) => all.includes(word));
      });
      found.sort((a, b) => b.pinned - a.pinned || b.updated - a.updated);
      return { notes: found, total: notes.size };
    },

    "POST /api/notes": ({ body }) => {
      const fields = fieldsOf(body);
      if (notes.size >= NOTES_MAX) throw refuse(409, `The notebook is full: at most ${NOTES_MAX} notes.`);
      lastId += 1;
      const note = { id: String(lastId), title: "", body: "", pinned: false, ...fields, updated: Date.now() };
      notes.set(note.id, note);
      return created(note);
    },

    "GET /api/notes/:id": ({ params }) => find(notes, params.id, "note"),

    "PATCH /api/notes/:id": ({ params, body }) => {
      const note = find(notes, params.id, "note");
      const fields = fieldsOf(body);
      if (!Object.keys(fields).length) throw refuse(400, "Send “title”, “body” or “pinned”.");
      // Pinning is no change of the text: the note keeps its place in time.
      const updated = "title" in fields || "body" in fields ? Date.now() : note.updated;
      return Object.assign(note, fields, { updated });
    },

    "DELETE /api/notes/:id": ({ params }) => {
      notes.delete(find(notes, params.id, "note").id);
    },
  },
});
