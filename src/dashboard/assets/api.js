// The engine's public interface: requests, and the live socket.

// A refusal with the engine's own sentence.
export class ApiError extends Error {
  constructor(error, status) {
    super(error.message);
    this.code = error.code;
    this.requestId = error.requestId;
    this.status = status;
  }
}

async function request(method, path, body) {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new ApiError({ code: "unreachable", message: "The engine does not answer. Is it still running?" }, 0);
  }
  if (response.ok) return response;
  const answer = await response.json().catch(() => null);
  throw new ApiError(
    answer?.error ?? { code: "unexpected", message: `The engine answered with status ${response.status}.` },
    response.status,
  );
}

const json = async (method, path, body) => (await request(method, path, body)).json();
const at = (id) => `/api/spawn/${encodeURIComponent(id)}`;

export const api = {
  list: (limit) => json("GET", `/api/spawn?limit=${limit}`),
  spawn: (prompt, appType) => json("POST", "/api/spawn", { prompt, appType }),
  session: (id) => json("GET", at(id)),
  extend: (id, additionalHours) => json("POST", `${at(id)}/extend`, { additionalHours }),
  destroy: (id) => json("DELETE", at(id)),
  files: (id) => json("GET", `${at(id)}/files`),
  file: async (id, path) => (await request("GET", `${at(id)}/files/${path.split("/").map(encodeURIComponent).join("/")}`)).text(),
  logs: (id) => json("GET", `${at(id)}/logs`),
  usage: (from) => json("GET", `/api/usage?from=${encodeURIComponent(from)}`),
  followLogs: (id) => new EventSource(`${at(id)}/logs?follow=true`),
  followEvents: (id) => new EventSource(`${at(id)}/events`),
  exportUrl: (id) => `${at(id)}/export.zip`,
};

const PAUSE_FIRST = 500;
const PAUSE_MAX = 15000;

// One socket for all sessions on the page. It comes back by itself, and then subscribes to all of them again.
export class LiveSocket {
  constructor(onFrame, onState) {
    this.onFrame = onFrame;
    this.onState = onState;
    this.wanted = new Set();
    this.pause = PAUSE_FIRST;
    this.closed = false;
    this.open();
  }

  open() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/ws`);
    this.socket = socket;
    socket.onopen = () => {
      this.pause = PAUSE_FIRST;
      this.onState("open");
      for (const id of this.wanted) this.send("session_subscribe", id);
    };
    socket.onmessage = (event) => {
      let frame = null;
      try {
        frame = JSON.parse(event.data);
      } catch {
        return;
      }
      if (frame?.sessionId) this.onFrame(frame);
    };
    socket.onclose = () => {
      if (this.closed) return;
      this.onState("lost");
      this.timer = setTimeout(() => this.open(), this.pause * (0.75 + Math.random() / 2));
      this.pause = Math.min(this.pause * 2, PAUSE_MAX);
    };
  }

  // Makes the subscriptions exactly `ids`.
  follow(ids) {
    const wanted = new Set(ids);
    for (const id of wanted) if (!this.wanted.has(id)) this.send("session_subscribe", id);
    for (const id of this.wanted) if (!wanted.has(id)) this.send("session_unsubscribe", id);
    this.wanted = wanted;
  }

  send(type, sessionId) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ type, sessionId }));
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    this.socket.close();
  }
}
