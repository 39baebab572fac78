"use strict";

const list = $("#list");
const input = $("#text");
let todos = [];
let filter = "all";
let editing = null;

const shown = { all: () => true, open: (todo) => !todo.done, done: (todo) => todo.done };
const nothing = {
  all: "All clear. Add your first task above.",
  open: "Everything is done. Enjoy the quiet.",
  done: "Nothing finished yet. You’ll get there.",
};

async function load() {
  ({ todos } = await api("GET", "todos"));
  if (!editing) render();
}

function render() {
  const visible = todos.filter(shown[filter]);
  const old = new Map([...list.children].map((row) => [row.dataset.id, row]));
  list.replaceChildren(...visible.map((todo) => drawn(todo, old.get(todo.id))));
  const done = todos.filter((todo) => todo.done).length;
  const left = todos.length - done;
  const share = todos.length ? Math.round((100 * done) / todos.length) : 0;
  $("#empty").hidden = visible.length > 0;
  $("#empty-text").textContent = nothing[filter];
  $("#footer").hidden = todos.length === 0;
  $("#left").textContent = `${left} ${left === 1 ? "task" : "tasks"} left`;
  $("#clear").disabled = done === 0;
  $("#ring").hidden = todos.length === 0;
  $("#ring").setAttribute("aria-label", `${share}% done`);
  $("#share").textContent = `${share}%`;
  $("#arc").style.strokeDasharray = `${share} 100`;
  $("#arc").style.opacity = share ? 1 : 0;
  for (const button of document.querySelectorAll("[data-filter]")) {
    button.setAttribute("aria-pressed", button.dataset.filter === filter);
  }
}

/** The row of a todo: the one on the page is kept, so that focus and animations survive a redraw. */
function drawn(todo, row) {
  row ??= makeRow(todo.id);
  row.classList.toggle("done", todo.done);
  $(".tick", row).checked = todo.done;
  $(".tick", row).setAttribute("aria-label", `Done: ${todo.text}`);
  $(".text", row).textContent = todo.text;
  $(".remove", row).setAttribute("aria-label", `Delete: ${todo.text}`);
  return row;
}

function makeRow(id) {
  const row = make("li", { class: "todo", "data-id": id });
  row.append(
    make("input", { type: "checkbox", class: "tick", onchange: (event) => change(id, { done: event.target.checked }) }),
    make("button", { class: "text", title: "Double-click to change", ondblclick: () => edit(row), onkeydown: (event) => {
      if (event.key === "Enter" || event.key === "F2") (event.preventDefault(), edit(row));
    } }),
    make("button", { class: "quiet square danger remove", onclick: () => remove(id) }, icon(ICONS.close)),
  );
  return row;
}

async function add(event) {
  event.preventDefault();
  const text = input.value.trim();
  if (!text) return toast("Write a task first.");
  await attempt(async () => {
    todos.push(await api("POST", "todos", { text }));
    input.value = "";
    if (filter === "done") filter = "all";
    render();
  });
  input.focus();
}

async function change(id, fields) {
  await attempt(async () => {
    Object.assign(todos.find((todo) => todo.id === id), await api("PATCH", `todos/${id}`, fields));
  });
  render();
}

async function remove(id) {
  const todo = todos.find((other) => other.id === id);
  await attempt(async () => {
    await api("DELETE", `todos/${id}`);
    todos = todos.filter((other) => other.id !== id);
    render();
    input.focus();
    toast("Task deleted.", { action: { label: "Undo", run: () => attempt(() => restore(todo)) } });
  });
}

async function restore({ text, done }) {
  const todo = await api("POST", "todos", { text });
  if (done) await api("PATCH", `todos/${todo.id}`, { done });
  await load();
}

function edit(row) {
  const id = (editing = row.dataset.id);
  const before = todos.find((todo) => todo.id === id).text;
  const label = $(".text", row);
  const field = make("input", { class: "field", maxlength: 200, "aria-label": "Change task" });
  const finish = async (keep) => {
    if (editing !== id) return;
    editing = null;
    const text = field.value.trim();
    field.replaceWith(label);
    if (keep && text && text !== before) await change(id, { text });
    label.focus();
  };
  field.value = before;
  field.addEventListener("blur", () => finish(true));
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") finish(true);
    if (event.key === "Escape") finish(false);
  });
  label.replaceWith(field);
  field.select();
}

$("#date").textContent = new Date().toLocaleDateString("en", { weekday: "long", month: "long", day: "numeric" });
$("#add .button").append(icon(ICONS.plus));
$("#add").addEventListener("submit", add);
$("#clear").addEventListener("click", () => attempt(async () => (await api("DELETE", "todos?done=true"), load())));
for (const button of document.querySelectorAll("[data-filter]")) {
  button.addEventListener("click", () => ((filter = button.dataset.filter), render()));
}
keepFresh(load);
