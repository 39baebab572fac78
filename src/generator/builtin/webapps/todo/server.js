"use strict";
// Todo list. Todos live in memory, in the order they were added.

const { serve, refuse, created, text, flag, find } = require("./lib/http");

const TODOS_MAX = 500;
const TEXT_MAX = 200;

const todos = new Map();
let lastId = 0;

serve({
  icon: '<rect width="32" height="32" rx="9" fill="#1d7f56"/><path d="M9 16.5l5 5L23.5 11" fill="none" stroke="#fff" stroke-width="3.2" stroke-linecap="round" stroke-linejoin="round"/>',
  routes: {
    "GET /api/todos": () => ({ todos: [...todos.values()] }),

    "POST /api/todos": ({ body }) => {
      const todo = { id: String(lastId + 1), text: text(body, "text", { max: TEXT_MAX, label: "task" }), done: false };
      if (todos.size >= TODOS_MAX) throw refuse(409, `The list is full: at most ${TODOS_MAX} tasks.`);
      lastId += 1;
      todos.set(todo.id, todo);
      return created(todo);
    },

    "PATCH /api/todos/:id": ({ params, body }) => {
      const todo = find(todos, params.id, "task");
      if (body.text === undefined && body.done === undefined) throw refuse(400, "Send “text”, “done” or both.");
      const change = {};
      if (body.text !== undefined) change.text = text(body, "text", { max: TEXT_MAX, label: "task" });
      if (body.done !== undefined) change.done = flag(body, "done");
      return Object.assign(todo, change);
    },

    "DELETE /api/todos/:id": ({ params }) => {
      todos.delete(find(todos, params.id, "task").id);
    },

    "DELETE /api/todos": ({ query }) => {
      if (query.get("done") !== "true") throw refuse(400, "Only finished tasks can be cleared: use ?done=true.");
      for (const todo of [...todos.values()]) if (todo.done) todos.delete(todo.id);
    },
  },
});
