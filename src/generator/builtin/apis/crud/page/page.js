"use strict";
// The API's own page: for each collection what it holds, a form to add, and the last answer as it came.

const ROWS = 20;

/** Calls the API; the answer is shown whatever its status. */
async function call(method, path, body) {
  const init = { method, headers: { Accept: "application/json", "Content-Type": "application/json" } };
  if (body) init.body = JSON.stringify(body);
  const response = await fetch(path, init);
  const text = await response.text();
  return { ok: response.ok, line: `${method} /${path} → ${response.status}`, value: text ? JSON.parse(text) : null };
}

function input(field) {
  const kind = { integer: "number", number: "number", date: "date", email: "email", url: "url" }[field.type] || "text";
  const label = [field.label, " ", make("span", { class: "kind" }, field.required ? field.type : `${field.type}, optional`)];
  if (field.type === "boolean") {
    return make("label", { class: "tick" }, make("input", { type: "checkbox", name: `f_${field.name}` }), make("span", {}, ...label));
  }
  const props = { class: "field", name: `f_${field.name}`, required: field.required };
  if (field.type === "text") return make("label", {}, ...label, make("textarea", { ...props, rows: 2 }));
  return make("label", {}, ...label, make("input", { ...props, type: kind, step: field.type === "number" ? "any" : null }));
}

function values(form, fields) {
  const body = {};
  for (const field of fields) {
    const element = form.elements.namedItem(`f_${field.name}`);
    if (field.type === "boolean") body[field.name] = element.checked;
    else if (element.value === "") continue;
    else if (field.type === "integer" || field.type === "number") body[field.name] = Number(element.value);
    else body[field.name] = element.value;
  }
  return body;
}

function show(value) {
  return value === null ? "–" : typeof value === "boolean" ? (value ? "yes" : "no") : String(value);
}

function card(resource) {
  const { name, fields } = resource;
  const count = make("span", { class: "count push" });
  const rows = make("tbody");
  const answer = make("pre", { hidden: true, tabindex: "0" });
  const problem = make("p", { class: "problem", role: "alert" });
  const search = make("input", { class: "field", type: "search", placeholder: `Search ${name}`, "aria-label": `Search ${name}` });
  const columns = ["id", ...fields.map((field) => field.name)];

  const tell = (result) => {
    answer.hidden = false;
    answer.textContent = `${result.line}\n${result.value === null ? "" : JSON.stringify(result.value, null, 2)}`;
  };
  const load = async (told) => {
    const result = await call("GET", `${name}?limit=${ROWS}&sort=-id&q=${encodeURIComponent(search.value)}`);
    if (told) tell(result);
    if (!result.ok) throw new Error(result.value.error);
    count.textContent = `${result.value.total} in all`;
    const remove = (item) => attempt(async () => {
      tell(await call("DELETE", `${name}/${item.id}`));
      await load(false);
    });
    rows.replaceChildren(...result.value.items.map((item) => make("tr", {},
      ...columns.map((column) => make("td", {}, show(item[column]))),
      make("td", {}, make("button", { class: "quiet square danger", type: "button", title: `Delete ${item.id}`, "aria-label": `Delete ${item.id}`, onclick: () => remove(item) }, icon(ICONS.trash))))));
    if (!result.value.items.length) rows.append(make("tr", {}, make("td", { class: "empty", colspan: columns.length + 1 }, "Nothing here yet.")));
  };
  const add = (submitted) => {
    submitted.preventDefault();
    const form = submitted.target;
    attempt(async () => {
      const result = await call("POST", name, values(form, fields));
      tell(result);
      problem.textContent = result.ok ? "" : result.value.error;
      if (result.ok) {
        form.reset();
        toast(`Added ${resource.item} ${result.value.id}.`);
        await load(false);
      }
    });
  };
  const form = make("form", { onsubmit: add, novalidate: true }, make("div", { class: "grid" }, ...fields.map(input)));
  form.append(problem, make("div", { class: "row" }, make("button", { class: "button" }, `Add ${resource.item}`)));
  form.style.display = "grid";
  form.style.gap = "14px";
  search.addEventListener("change", () => attempt(() => load(true)));
  attempt(() => load(false));
  return make("section", { class: "card", "aria-label": name },
    make("div", { class: "row" }, make("h2", {}, `/${name}`), count),
    make("div", { class: "tools" }, search, make("button", { class: "quiet", type: "button", onclick: () => attempt(() => load(true)) }, make("span", { class: "verb" }, "GET"), `/${name}`)),
    make("div", { class: "scroll", tabindex: "0" }, make("table", {}, make("thead", {}, make("tr", {}, ...columns.map((column) => make("th", {}, column)), make("th", {}, ""))), rows)),
    form, answer);
}

attempt(async () => {
  const index = await call("GET", "");
  if (!index.ok) throw new Error(index.value.error);
  $("#resources").replaceChildren(...index.value.resources.map(card));
});
