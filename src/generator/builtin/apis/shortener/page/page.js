"use strict";
// Shortens addresses and lists the newest with their hits.

const form = $("#shorten");

function row(link) {
  const short = new URL(link.code, location.href).href;
  const copy = () => attempt(async () => {
    await navigator.clipboard.writeText(short);
    toast("Copied.");
  });
  const remove = () => attempt(async () => {
    await api("DELETE", `links/${encodeURIComponent(link.code)}`);
    await load();
  });
  return make("li", { class: "link" },
    make("div", {},
      make("a", { href: short, target: "_blank", rel: "noopener noreferrer" }, short.replace(/^https?:\/\//, "")),
      make("p", { class: "hint", title: link.url }, link.url)),
    make("span", { class: "hits" }, `${link.hits} ${link.hits === 1 ? "hit" : "hits"}`),
    make("button", { class: "quiet", type: "button", onclick: copy }, "Copy"),
    make("button", { class: "quiet square danger", type: "button", title: "Delete", "aria-label": `Delete ${link.code}`, onclick: remove }, icon(ICONS.trash)));
}

async function load() {
  const { links, total, hits } = await api("GET", "links?limit=50");
  $("#total").textContent = total ? `${total} ${total === 1 ? "link" : "links"}, ${hits} ${hits === 1 ? "hit" : "hits"}` : "No links yet.";
  $("#links").replaceChildren(...links.map(row));
}

form.addEventListener("submit", async (submitted) => {
  submitted.preventDefault();
  const problem = $(".problem", form);
  problem.textContent = "";
  try {
    await api("POST", "links", { url: form.elements.url.value, alias: form.elements.alias.value || null });
    form.reset();
    await load();
  } catch (error) {
    problem.textContent = error.message;
  }
});

keepFresh(load);
