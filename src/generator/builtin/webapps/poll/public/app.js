"use strict";

const OPTIONS_MIN = 2;
const OPTIONS_MAX = 8;
const voter = voterOfThisBrowser();
const creating = $("#create");
let polls = null; // Not known yet.
let showForm = false;

/** One vote per browser: a random id that only this browser knows. */
function voterOfThisBrowser() {
  const fresh = Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  try {
    return (localStorage.voter ??= fresh);
  } catch {
    return fresh;
  }
}

function listen() {
  const events = new EventSource(`api/events?voter=${voter}`);
  events.onmessage = (event) => {
    const first = !polls;
    ({ polls } = JSON.parse(event.data));
    live(true);
    render();
    if (first) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  };
  events.onerror = () => {
    live(false);
    // A refused stream is not tried again by the browser.
    if (events.readyState === EventSource.CLOSED) setTimeout(listen, 3000);
  };
}

function live(on) {
  const words = on ? "Live" : "Reconnecting…";
  if ($("#live").textContent !== words) $("#live").textContent = words;
  $("#live").classList.toggle("on", on);
}

function render() {
  const old = new Map([...$("#polls").children].map((section) => [section.dataset.id, section]));
  $("#polls").replaceChildren(...polls.map((poll) => draw(poll, old.get(poll.id))));
  creating.hidden = !showForm && polls.length > 0;
  $("#new").hidden = !creating.hidden;
  $("#cancel").hidden = polls.length === 0;
}

/** A poll's section. The one on the page is kept and brought up to date, so that bars slide and focus stays. */
function draw(poll, section) {
  section ??= makePoll(poll);
  const most = Math.max(...poll.options.map((option) => option.votes));
  const votes = `${poll.voters} ${poll.voters === 1 ? "vote" : "votes"}`;
  section.classList.toggle("closed", poll.closed);
  $(".hint", section).textContent = `${votes} · ${poll.closed ? "closed" : poll.multiple ? "choose any number" : "choose one"}`;
  $(".close", section).textContent = poll.closed ? "Open again" : "Close poll";
  for (const option of poll.options) {
    const row = $(`[data-option="${option.id}"]`, section);
    const share = poll.voters ? option.votes / poll.voters : 0;
    const mine = poll.mine.includes(option.id);
    row.style.setProperty("--share", share);
    row.classList.toggle("mine", mine);
    row.classList.toggle("leading", option.votes > 0 && option.votes === most);
    $("input", row).checked = mine;
    $("input", row).disabled = poll.closed;
    $("b", row).replaceChildren(`${Math.round(share * 100)}%`, make("small", {}, String(option.votes)));
  }
  return section;
}

function makePoll(poll) {
  const { id, question, multiple, options } = poll;
  const row = (option) => make("label", { class: "option", "data-option": option.id },
    make("input", { type: multiple ? "checkbox" : "radio", name: `poll-${id}`, onchange: () => vote(id) }), make("span", {}, option.text), make("b"));
  return make("section", { class: "poll", id: `poll-${id}`, "data-id": id, "aria-label": question },
    make("h2", {}, question), make("p", { class: "hint" }),
    make("fieldset", {}, make("legend", { class: "unseen" }, question), ...options.map(row)),
    make("div", { class: "row" },
      make("button", { class: "quiet", onclick: () => copyLink(id) }, "Copy link"),
      make("button", { class: "quiet", onclick: () => vote(id, []) }, "Take back vote"),
      make("button", { class: "quiet push close", onclick: () => close(id) }),
      make("button", { class: "quiet square danger", "aria-label": `Delete poll: ${question}`, onclick: () => remove(id, question) }, icon(ICONS.trash))));
}

const replace = (poll) => {
  polls = polls.map((other) => (other.id === poll.id ? poll : other));
  render();
};

async function vote(id, choices) {
  const checked = [...document.querySelectorAll(`#poll-${id} input:checked`)];
  choices ??= checked.map((input) => input.closest(".option").dataset.option);
  if (!(await attempt(async () => replace(await api("PUT", `polls/${id}/vote`, { voter, choices }))))) render();
}

const close = (id) => attempt(() => api("PATCH", `polls/${id}`, { closed: !polls.find((poll) => poll.id === id).closed }));

function remove(id, question) {
  if (confirm(`Delete “${question}” and its votes?`)) attempt(() => api("DELETE", `polls/${id}`));
}

async function copyLink(id) {
  const link = `${location.origin}${location.pathname}#poll-${id}`;
  try {
    await navigator.clipboard.writeText(link);
    toast("Link copied. Send it to everyone who should vote.");
  } catch {
    toast(link);
  }
}

/* The form. */

function addOption(text = "") {
  const remove = () => (item.remove(), number());
  const field = make("input", { class: "field", maxlength: 80, value: text });
  const item = make("li", {}, field, make("button", { type: "button", class: "quiet square", "aria-label": "Remove this option", onclick: remove }, icon(ICONS.close)));
  $("#options").append(item);
  number();
  return field;
}

function number() {
  const items = [...$("#options").children];
  items.forEach((item, at) => {
    $("input", item).placeholder = `Option ${at + 1}`;
    $("input", item).setAttribute("aria-label", `Option ${at + 1}`);
    $("button", item).disabled = items.length <= OPTIONS_MIN;
  });
  $("#more").disabled = items.length >= OPTIONS_MAX;
}

function reset() {
  creating.reset();
  $("#options").replaceChildren();
  $("#problem").textContent = "";
  for (let count = 0; count < 3; count += 1) addOption();
}

function toggleForm(show) {
  showForm = show;
  reset();
  render();
  (show ? $("#question") : $("#new")).focus();
}

creating.addEventListener("submit", async (event) => {
  event.preventDefault();
  const options = [...$("#options").querySelectorAll("input")].map((field) => field.value.trim()).filter(Boolean);
  try {
    await api("POST", "polls", { question: $("#question").value, options, multiple: $("#multiple").checked });
    showForm = false;
    reset();
    scrollTo(0, 0);
  } catch (error) {
    $("#problem").textContent = error.message;
  }
});
$("#new").append(icon(ICONS.plus), "New poll");
$("#more").append(icon(ICONS.plus), "Add an option");
$("#new").addEventListener("click", () => toggleForm(true));
$("#cancel").addEventListener("click", () => toggleForm(false));
$("#more").addEventListener("click", () => addOption().focus());
reset();
listen();
