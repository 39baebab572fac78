"use strict";
// Chat rooms over WebSocket. Everybody stands in one room at a time and hears of news in the others.
//
//   in:  join {name, key, room} · enter {room} · say {text} · typing
//   out: welcome · room {room, people, messages} · message · people · rooms · typing · refused {about, message}

const { serve, refuse, text, find } = require("./lib/http");
const { accept } = require("./lib/websocket");

const PROMPT = "{{prompt}}";
const CLIENTS_MAX = 200;
const ROOMS_MAX = 20;
const HISTORY_MAX = 200;
const NAME_MAX = 24;
const TEXT_MAX = 500;
const JOIN_WITHIN_MS = 10_000;
// A token bucket per client: a message costs 2, anything else 1. Who overdraws it by far is sent away.
const TOKENS_MAX = 20;
const TOKENS_PER_S = 4;
const TOKENS_MIN = -40;
const COST = { say: 2 };

const clients = new Set();
const rooms = new Map(); // name → { name, lasting, messages }
let lastMessage = 0;
let open = true;

for (const name of roomsIn(PROMPT) ?? ["general", "random"]) rooms.set(name, { name, lasting: true, messages: [] });

/** The rooms a prompt asks for, as in “with rooms help, music and games”; null if it names fewer than two. */
function roomsIn(prompt) {
  const asked = /\b(?:rooms|channels)\b(?:\s+(?:named|called|are|for|like))*\s*:?\s*([^.;\n()]+)/i.exec(prompt)?.[1] ?? "";
  const names = asked.split(/\s*,\s*(?:and\s+)?|\s+and\s+/i).map((name) => name.replace(/["'“”#]/g, "").trim().toLowerCase());
  const good = names.length >= 2 && names.length <= ROOMS_MAX / 2 && names.every((name) => /^[\p{L}\p{N}][\p{L}\p{N}-]{1,23}$/u.test(name));
  return good ? [...new Set(names)] : null;
}

const peopleIn = (room) => [...clients].filter((client) => client.room === room).map((client) => client.name);
const roomList = () => [...rooms.values()].map((room) => ({ name: room.name, people: peopleIn(room).length }));

function broadcast(message, wanted = () => true) {
  const json = JSON.stringify(message);
  for (const client of clients) if (client.name && wanted(client)) client.socket.send(json);
}

/** The room of that name; made if there is none and place for one more. */
function roomNamed(wanted) {
  const name = text({ name: wanted }, "name", { max: NAME_MAX, label: "room name" }).replace(/^#/, "").toLowerCase().replace(/\s+/g, "-");
  if (!/^[\p{L}\p{N}_-]+$/u.test(name)) throw refuse(400, "A room name has letters, digits and dashes only.");
  const room = rooms.get(name) ?? { name, lasting: false, messages: [] };
  if (!rooms.has(name) && rooms.size >= ROOMS_MAX) {
    const unused = [...rooms.values()].find((other) => !other.lasting && peopleIn(other).length === 0);
    if (!unused) throw refuse(409, `At most ${ROOMS_MAX} rooms are possible.`);
    rooms.delete(unused.name);
  }
  rooms.set(name, room);
  return room;
}

const handlers = {
  join(client, { name, key, room }) {
    if (client.name) throw refuse(409, "You have joined already.");
    const wanted = text({ name }, "name", { max: NAME_MAX }).replace(/\s+/g, " ");
    const other = [...clients].find((candidate) => candidate.name?.toLowerCase() === wanted.toLowerCase());
    const same = other && typeof key === "string" && key.length >= 16 && other.key === key;
    if (other && !same) throw refuse(409, "Someone here already has this name. Please choose another.");
    const first = room === undefined ? [...rooms.values()][0] : roomNamed(room);
    // The same tab coming back after a lost connection takes its place again.
    if (same) leave(other, 4001, "joined again");
    clearTimeout(client.deadline);
    Object.assign(client, { name: wanted, key });
    client.send({ type: "welcome", name: wanted });
    enter(client, first);
  },
  enter(client, { room }) {
    const wanted = roomNamed(room);
    if (wanted !== client.room) enter(client, wanted);
  },
  say(client, body) {
    const message = { id: (lastMessage += 1), name: client.name, text: text(body, "text", { max: TEXT_MAX, label: "message" }), at: Date.now() };
    const { room } = client;
    room.messages = [...room.messages, message].slice(-HISTORY_MAX);
    broadcast({ type: "message", room: room.name, message }, (other) => other.room === room);
    broadcast({ type: "news", room: room.name }, (other) => other.room !== room);
  },
  typing(client) {
    broadcast({ type: "typing", name: client.name }, (other) => other !== client && other.room === client.room);
  },
};

function enter(client, room) {
  const before = client.room;
  client.room = room;
  client.send({ type: "room", room: room.name, people: peopleIn(room), messages: room.messages });
  for (const changed of new Set([before, room])) if (changed) tellPeople(changed);
  broadcast({ type: "rooms", rooms: roomList() });
}

function tellPeople(room) {
  broadcast({ type: "people", people: peopleIn(room) }, (client) => client.room === room);
}

function leave(client, code, reason) {
  clearTimeout(client.deadline);
  if (!clients.delete(client)) return;
  client.socket?.close(code, reason);
  if (!client.room || !open) return;
  tellPeople(client.room);
  broadcast({ type: "rooms", rooms: roomList() });
}

function receive(client, json) {
  let message = {};
  try {
    message = JSON.parse(json);
    const handler = Object.hasOwn(handlers, message?.type) ? handlers[message.type] : null;
    if (!handler) throw refuse(400, "“type” must be join, enter, say or typing.");
    spend(client, COST[message.type] ?? 1);
    if (!client.name && handler !== handlers.join) throw refuse(403, "Please join with a name first.");
    handler(client, message);
  } catch (error) {
    const refused = error.status ?? (error instanceof SyntaxError && 400);
    if (!refused) console.error("message failed:", error);
    const words = error.status ? error.message : refused ? "A message must be JSON." : "Something went wrong in the app.";
    client.send({ type: "refused", about: String(message?.type ?? "").slice(0, NAME_MAX), message: words });
  }
}

function spend(client, cost) {
  const now = Date.now();
  client.tokens = Math.min(TOKENS_MAX, client.tokens + ((now - client.spentAt) / 1000) * TOKENS_PER_S) - cost;
  client.spentAt = now;
  if (client.tokens < TOKENS_MIN) leave(client, 1008, "too many messages");
  if (client.tokens < 0) throw refuse(429, "You are sending too fast. Take a breath.");
}

function onUpgrade(req, stream, head) {
  if (req.url.split("?")[0] !== "/ws") return stream.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  const client = { socket: null, name: null, key: null, room: null, tokens: TOKENS_MAX, spentAt: Date.now() };
  client.send = (message) => client.socket.send(JSON.stringify(message));
  const early = [];
  const onMessage = (json) => (client.socket ? receive(client, json) : early.push(json));
  client.socket = accept(req, stream, head, { onMessage, onClose: () => leave(client) });
  if (!client.socket) return;
  if (clients.size >= CLIENTS_MAX) {
    client.send({ type: "refused", about: "join", message: "The chat is full. Please try again in a moment." });
    return client.socket.close(1013, "full");
  }
  clients.add(client);
  client.deadline = setTimeout(() => leave(client, 1008, "did not join"), JOIN_WITHIN_MS);
  early.forEach((json) => receive(client, json));
}

serve({
  icon: '<rect width="32" height="32" rx="9" fill="#0b7f8c"/><path d="M8 10.5a2.5 2.5 0 0 1 2.5-2.5h11a2.5 2.5 0 0 1 2.5 2.5v7a2.5 2.5 0 0 1-2.5 2.5H15l-5 4v-4a2 2 0 0 1-2-2z" fill="#fff"/>',
  onUpgrade,
  onStop: () => {
    open = false;
    for (const client of [...clients]) leave(client, 1001, "the app stops");
  },
  routes: {
    "GET /api/rooms": () => ({ rooms: roomList() }),
    "GET /api/rooms/:name/messages": ({ params }) => ({ messages: find(rooms, params.name, "room").messages }),
  },
});
