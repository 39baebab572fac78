"use strict";
// The small HTTP kit of this app: routes, JSON bodies, static files, security headers, a clean stop.
//
//   serve({ icon, routes: { "PATCH /api/items/:id": ({ params, query, body }) => value } })
//
// A handler returns a value (200, as JSON), `created(value)` (201) or nothing (204), or throws `refuse(404, "…")`.
// One that writes to `res` itself (a stream) is left alone. State lives in memory and ends with the process.

const fs = require("fs");
const http = require("http");
const path = require("path");

const BODY_BYTES_MAX = 64 * 1024;
const DRAIN_BYTES_MAX = 1024 * 1024;
const CONNECTIONS_MAX = 1024;
const STOP_AFTER_MS = 1000;

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};
const SECURITY = {
  "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; object-src 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
};

class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}
class Created {
  constructor(value) {
    this.value = value;
  }
}

const refuse = (status, message) => new Refusal(status, message);
const created = (value) => new Created(value);

/** The text of `body[field]`, trimmed. Refuses what is not text, is empty (unless `empty`) or longer than `max`. */
function text(body, field, { max, label = field, empty = false }) {
  const value = body[field];
  if (typeof value !== "string") throw refuse(400, `“${field}” must be text.`);
  const clean = value.replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, "").trim();
  if (!clean && !empty) throw refuse(400, `Please enter ${/^[aeiou]/.test(label) ? "an" : "a"} ${label}.`);
  if (clean.length > max) throw refuse(400, `The ${label} is too long: at most ${max} characters.`);
  return clean;
}

function flag(body, field) {
  if (typeof body[field] !== "boolean") throw refuse(400, `“${field}” must be true or false.`);
  return body[field];
}

/** The entry of `map` that a path names, or 404. */
function find(map, id, label) {
  const item = map.get(id);
  if (!item) throw refuse(404, `This ${label} does not exist (any more).`);
  return item;
}

/** Starts the app. `pages` replaces files of public/ by text made at start. */
function serve({ routes = {}, icon = "", pages = {}, onUpgrade, onStop = () => {} }) {
  const table = Object.entries(routes).map(([key, handler]) => {
    const [method, pattern] = key.split(" ");
    return { method, parts: pattern.split("/"), handler };
  });
  const files = readFiles(path.join(__dirname, "..", "public"), icon, pages);
  const server = http.createServer((req, res) => {
    answer(req, res, table, files).catch((error) => fail(req, res, error));
  });
  server.maxConnections = CONNECTIONS_MAX;
  server.requestTimeout = 15_000;
  server.keepAliveTimeout = 60_000;
  if (onUpgrade) server.on("upgrade", onUpgrade);
  server.on("error", (error) => giveUp(`cannot listen: ${error.message}`));
  server.listen(portOf(process.env.PORT || "3000"), "0.0.0.0", () => {
    console.log(`listening on http://0.0.0.0:${server.address().port}`);
  });
  const stop = () => {
    onStop();
    server.close(() => process.exit(0));
    server.closeIdleConnections?.();
    setTimeout(() => process.exit(0), STOP_AFTER_MS).unref();
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}

function portOf(value) {
  return /^\d{1,5}$/.test(value) && value <= 65535 ? Number(value) : giveUp(`PORT must be a number from 0 to 65535, not “${value}”`);
}

function giveUp(why) {
  console.error(why);
  process.exit(1);
}

async function answer(req, res, table, files) {
  const [rawPath, rawQuery = ""] = req.url.split("?", 2);
  const where = decode(rawPath);
  const file = files.get(where);
  if (file && (req.method === "GET" || req.method === "HEAD")) return sendFile(req, res, file);
  if (file) throw notAllowed(res, ["GET", "HEAD"]);

  const parts = rawPath.split("/");
  const here = table.filter((route) => matches(route.parts, parts));
  const { method } = req;
  const route = here.find((candidate) => candidate.method === method);
  if (!route && here.length) throw notAllowed(res, here.map((candidate) => candidate.method));
  if (!route) throw refuse(404, "There is nothing at this address.");
  if (method !== "GET" && req.headers["sec-fetch-site"] === "cross-site") {
    throw refuse(403, "Changes from other sites are not accepted.");
  }

  const params = {};
  route.parts.forEach((part, at) => part[0] === ":" && (params[part.slice(1)] = decode(parts[at])));
  const body = method === "GET" || method === "DELETE" ? {} : await readJson(req);
  const value = await route.handler({ req, res, params, body, query: new URLSearchParams(rawQuery) });
  if (res.headersSent) return;
  if (value === undefined) res.writeHead(204, SECURITY).end();
  else if (value instanceof Created) sendJson(res, 201, value.value);
  else sendJson(res, 200, value);
}

function fail(req, res, error) {
  if (res.headersSent || res.destroyed) return res.destroy();
  const refused = error instanceof Refusal;
  if (!refused) console.error(`${req.method} ${req.url} failed:`, error);
  const message = refused ? error.message : "Something went wrong in the app. Please try again.";
  sendJson(res, refused ? error.status : 500, { error: message });
}

function readJson(req) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    let size = 0;
    req.on("data", (chunk) => {
      size += chunk.length;
      if (size <= BODY_BYTES_MAX) return chunks.push(chunk);
      // The rest is read and dropped, so that the client sees the answer instead of a reset connection.
      reject(refuse(413, `The request is too large: at most ${BODY_BYTES_MAX / 1024} KiB.`));
      if (size > DRAIN_BYTES_MAX) req.destroy();
    });
    req.on("error", reject);
    req.on("aborted", () => reject(refuse(400, "The request ended too early.")));
    req.on("end", () => {
      try {
        const body = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks)));
        if (body === null || typeof body !== "object" || Array.isArray(body)) throw new TypeError("not an object");
        resolve(body);
      } catch {
        reject(refuse(400, "The request body must be a JSON object."));
      }
    });
  });
}

function readFiles(folder, icon, pages) {
  const files = new Map();
  const add = (name, body) => {
    const bytes = Buffer.from(body);
    files.set(name, { bytes, type: TYPES[path.extname(name)] || "application/octet-stream", etag: etagOf(bytes) });
  };
  for (const name of fs.readdirSync(folder)) add(`/${name}`, pages[name] ?? fs.readFileSync(path.join(folder, name)));
  add("/icon.svg", `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">${icon}</svg>`);
  files.set("/", files.get("/index.html"));
  return files;
}

function sendFile(req, res, { bytes, type, etag }) {
  const head = { ...SECURITY, ETag: etag, "Cache-Control": "no-cache" };
  if (req.headers["if-none-match"] === etag) return res.writeHead(304, head).end();
  res.writeHead(200, { ...head, "Content-Type": type, "Content-Length": bytes.length }).end(bytes);
}

function sendJson(res, status, value) {
  const bytes = Buffer.from(JSON.stringify(value));
  const head = { "Content-Type": "application/json", "Content-Length": bytes.length, "Cache-Control": "no-store" };
  res.writeHead(status, { ...SECURITY, ...head }).end(bytes);
}

function matches(pattern, parts) {
  return pattern.length === parts.length && pattern.every((part, at) => part[0] === ":" || part === parts[at]);
}

function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    throw refuse(400, "The address is not valid.");
  }
}

function notAllowed(res, methods) {
  res.setHeader("Allow", methods.join(", "));
  return refuse(405, `Only ${methods.join(", ")} can be used here.`);
}

/** FNV-1a: enough to tell one version of a file from the next, and cheaper to load than a crypto library. */
function etagOf(bytes) {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return `"${bytes.length.toString(36)}-${(hash >>> 0).toString(36)}"`;
}

module.exports = { serve, refuse, created, text, flag, find, SECURITY };
