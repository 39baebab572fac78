"use strict";

const RETRY_FIRST_MS = 500;
const RETRY_LAST_MS = 8000;
const TYPING_EVERY_MS = 2000;
const TYPING_SHOWN_MS = 3500;
const TOGETHER_MS = 3 * 60_000; // Messages of one person this close share one heading.
const MESSAGES_SHOWN = 400;
const SEND = "M5 12h13M12.5 6l6 6-6 6";
const MENU = "M4 7h16M4 12h16M4 17h10";

// A key of this tab alone: with it the tab takes its name again after a lost connection.
const key = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16)).join("").padEnd(16, "0");
const log = $("#messages");
const field = $("#text");
let me = null;
let room; // Undefined until the server chose one.
let rooms = [];
let unread = new Map();
let unseen = 0; // Messages that came while the tab was in the background.
let last = null;
let socket;
let retryMs = RETRY_FIRST_MS;
let typed = 0;
let said = "";
const typing = new Map();

/* The connection. */

function connect(name) {
  const address = new URL("ws", location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(address);
  socket.onopen = () => send({ type: "join", name, key, room });
  socket.onmessage = (event) => {
    const message = JSON.parse(event.data);
    incoming[message.type]?.(message);
  };
  socket.onclose = (event) => {
    if (event.code === 4001) return status("Open in another tab", true);
    if (!me) return ($("#problem").textContent ||= "The chat cannot be reached. Please try again.");
    status("Reconnecting…", true);
    setTimeout(() => connect(me), retryMs);
    retryMs = Math.min(retryMs * 2, RETRY_LAST_MS);
  };
}

function send(message) {
  if (socket?.readyState !== WebSocket.OPEN) return false;
  socket.send(JSON.stringify(message));
  return true;
}

function status(words, off = false) {
  $("#status").textContent = words;
  $("#status").classList.toggle("off", off);
}

const incoming = {
  welcome({ name }) {
    me = name;
    retryMs = RETRY_FIRST_MS;
    try {
      localStorage.chatName = name;
    } catch {
      // The name is asked for again next time.
    }
    $("#door").hidden = true;
    $("#chat").hidden = false;
    if (!matchMedia("(pointer: coarse)").matches) field.focus();
  },
  room({ room: name, people, messages }) {
    room = name;
    unread.delete(name);
    typing.clear();
    last = null;
    $("#room").textContent = name;
    field.placeholder = `Message #${name}`;
    log.replaceChildren(...messages.map(drawMessage));
    if (!messages.length) log.append(make("li", { class: "quiet-room" }, "It is quiet here. Say something first."));
    incoming.people({ people });
    drawRooms();
    drawTyping();
    toEnd();
  },
  message({ message }) {
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
    $(".quiet-room")?.remove();
    log.append(drawMessage(message));
    if (log.children.length > MESSAGES_SHOWN) log.firstChild.remove();
    typing.delete(message.name);
    drawTyping();
    if (atEnd || message.name === me) toEnd();
    if (document.hidden) document.title = `(${(unseen += 1)}) {{title}}`;
  },
  people({ people }) {
    status(people.length === 1 ? "Only you are here" : `${people.length} people here`);
    $("#people").replaceChildren(...people.map((name) => make("li", { class: "person" }, avatar(name), name === me ? `${name} (you)` : name)));
  },
  rooms(message) {
    ({ rooms } = message);
    drawRooms();
  },
  news({ room: name }) {
    unread.set(name, (unread.get(name) ?? 0) + 1);
    drawRooms();
  },
  typing({ name }) {
    typing.set(name, Date.now() + TYPING_SHOWN_MS);
    drawTyping();
    setTimeout(drawTyping, TYPING_SHOWN_MS + 50);
  },
  refused({ about, message }) {
    if (about === "say" && !field.value) field.value = said; // Nothing that was written is lost.
    if (about === "join" && !$("#door").hidden) {
      $("#problem").textContent = message;
      socket.onclose = null;
      socket.close();
    } else toast(message, { error: true });
  },
};

/* What is shown. */

const toEnd = () => (log.scrollTop = log.scrollHeight);

function avatar(name) {
  const words = name.split(/\s+/).filter(Boolean);
  const initials = words.length > 1 ? [...words[0]][0] + [...words[1]][0] : [...name].slice(0, 2).join("");
  const circle = make("span", { class: "avatar", "aria-hidden": "true" }, initials.toUpperCase());
  circle.style.setProperty("--tone", [...name].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 360, 7));
  return circle;
}

function drawMessage(message) {
  const { name, text, at } = message;
  const more = last?.name === name && at - last.at < TOGETHER_MS;
  last = message;
  const time = new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return make("li", { class: `message${name === me ? " own" : ""}${more ? " more" : ""}` },
    avatar(name), make("p", { class: "by" }, make("strong", {}, name), make("time", {}, time)),
    make("p", { class: "bubble", title: time }, ...linked(text)));
}

/** The text with its web addresses as links. */
function linked(text) {
  return text.split(/(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)])/).map((part, at) =>
    at % 2 ? make("a", { href: part, target: "_blank", rel: "noopener noreferrer" }, part) : part);
}

function drawRooms() {
  $("#rooms").replaceChildren(...rooms.map(({ name, people }) => make("li", {},
    make("button", { class: "room", "aria-current": String(name === room), onclick: () => enter(name) }, make("span", {}, name),
      unread.get(name) ? make("b", { "aria-label": `${unread.get(name)} unread` }, String(unread.get(name))) : make("small", {}, people ? String(people) : "")))));
}

function drawTyping() {
  const now = Date.now();
  const names = [...typing].filter(([, until]) => until > now).map(([name]) => name);
  const words = names.length > 2 ? "Several people are typing…" : names.length ? `${names.join(" and ")} ${names.length > 1 ? "are" : "is"} typing…` : "";
  $("#typing").textContent = words;
}

function menu(show) {
  $("#chat").classList.toggle("open", show);
  $("#menu").setAttribute("aria-expanded", String(show));
}

/* What people do. */

function enter(name) {
  menu(false);
  if (name !== room && !send({ type: "enter", room: name })) toast("Not connected. One moment…", { error: true });
  field.focus();
}

function say() {
  const text = field.value.trim();
  if (!text) return field.focus();
  if (!send({ type: "say", text })) return toast("Not connected. Your message is kept here.", { error: true });
  said = text;
  typed = 0;
  field.value = "";
  grow();
  field.focus();
}

function grow() {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + 2}px`;
}

$("#join").addEventListener("submit", (event) => {
  event.preventDefault();
  $("#problem").textContent = "";
  connect($("#name").value);
});
$("#composer").addEventListener("submit", (event) => (event.preventDefault(), say()));
field.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) (event.preventDefault(), say());
});
field.addEventListener("input", () => {
  grow();
  if (Date.now() - typed > TYPING_EVERY_MS && send({ type: "typing" })) typed = Date.now();
});
$("#new-room").addEventListener("submit", (event) => {
  event.preventDefault();
  const name = $("#room-name").value.trim();
  if (!name) return toast("Write a name for the room first.");
  $("#room-name").value = "";
  enter(name);
});
$("#menu").addEventListener("click", () => menu(!$("#chat").classList.contains("open")));
log.addEventListener("click", () => menu(false));
document.addEventListener("keydown", (event) => event.key === "Escape" && menu(false));
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  unseen = 0;
  document.title = "{{title}}";
});
$("#composer .button").append(icon(SEND));
$("#new-room button").append(icon(ICONS.plus));
$("#menu").append(icon(MENU));
try {
  $("#name").value = localStorage.chatName ?? "";
} catch {
  // No storage: the field stays empty.
}
