// The built-in web apps, each laid out as the generator lays it out, started as a process, and asked over its socket.
//
//   webapps/{name} + webapps/_shared ──► temporary folder, placeholders replaced ──► node server.js (PORT=0) ──► requests
//
// Run: node --test tests/webapps.test.mjs

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import readline from "node:readline";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const SOURCE = fileURLToPath(new URL("../src/generator/builtin/webapps/", import.meta.url));
const APPS = ["calculator", "chat", "kanban", "landing", "notes", "poll", "pomodoro", "todo"];
const SHARED = { "http.js": "lib/http.js", "base.js": "public/base.js", "base.css": "public/base.css" };
const TITLE = `Tom's "Best" <App> & \\ Co`;
const START_MS = 10_000;
const OWN_BYTES_MAX = 32 * 1024;

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "webapps-"));
const running = new Set();
after(() => {
  for (const app of running) app.process.kill("SIGKILL");
  fs.rmSync(folder, { recursive: true, force: true });
});

const escapeHtml = (text) => text.replace(/[&<>"']/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[sign]);
const escapeJs = (text) => JSON.stringify(text).slice(1, -1);

function filesOf(name) {
  const root = path.join(SOURCE, name);
  const all = fs.readdirSync(root, { recursive: true }).map(String);
  return all.filter((file) => fs.statSync(path.join(root, file)).isFile() && file !== "app.json");
}

function layOut(name, { title, prompt }) {
  const target = fs.mkdtempSync(path.join(folder, `${name}-`));
  const copy = (from, to) => {
    const escape = to.endsWith(".html") ? escapeHtml : escapeJs;
    const text = fs.readFileSync(from, "utf8");
    const filled = /\.(html|js)$/.test(to) ? text.replaceAll("{{title}}", () => escape(title)).replaceAll("{{prompt}}", () => escape(prompt)) : text;
    fs.mkdirSync(path.dirname(path.join(target, to)), { recursive: true });
    fs.writeFileSync(path.join(target, to), filled);
  };
  for (const file of filesOf(name)) copy(path.join(SOURCE, name, file), file);
  for (const [from, to] of Object.entries(SHARED)) copy(path.join(SOURCE, "_shared", from), to);
  return target;
}

/** Starts an app on a free port; `call` sends it a request and reads the JSON of the answer. */
async function start(name, { title = TITLE, prompt = `Build me a ${name}` } = {}) {
  const child = spawn(process.execPath, ["server.js"], { cwd: layOut(name, { title, prompt }), env: { ...process.env, PORT: "0" }, stdio: ["ignore", "pipe", "inherit"] });
  const app = { process: child, log: [] };
  running.add(app);
  app.exited = new Promise((resolve) => child.once("exit", (code) => (running.delete(app), resolve(code))));
  const lines = readline.createInterface({ input: child.stdout });
  app.port = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${name} did not start in ${START_MS} ms`)), START_MS);
    app.exited.then((code) => reject(new Error(`${name} ended with ${code} before it listened`)));
    lines.on("line", (line) => {
      app.log.push(line);
      const found = /^listening on http:\/\/0\.0\.0\.0:(\d+)$/.exec(line);
      if (found) resolve((clearTimeout(timer), Number(found[1])));
    });
  });
  app.url = `http://127.0.0.1:${app.port}`;
  app.fetch = (where, options) => fetch(app.url + where, options);
  app.call = async (method, where, body, headers = {}) => {
    const response = await app.fetch(where, { method, headers, ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }) });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : null };
  };
  app.refused = async (status, words, method, where, body) => {
    const answer = await app.call(method, where, body);
    assert.equal(answer.status, status, `${method} ${where}: ${JSON.stringify(answer.body)}`);
    assert.match(answer.body.error, words);
  };
  app.stop = async () => {
    child.kill("SIGTERM");
    assert.equal(await app.exited, 0, "SIGTERM ends the app in good order");
  };
  return app;
}

for (const name of APPS) {
  const meta = JSON.parse(fs.readFileSync(path.join(SOURCE, name, "app.json"), "utf8"));

  test(`${name}: app.json is complete, and its checks pass on a fresh server`, async () => {
    assert.ok(meta.title && meta.description && meta.keywords.length >= 5);
    for (const [word, weight] of meta.keywords) assert.ok(word === word.toLowerCase() && weight >= 1 && weight <= 10, word);
    assert.ok(meta.checks.length >= 2 && meta.checks.length <= 4);
    const app = await start(name, { title: meta.title });
    for (const check of meta.checks) {
      const response = await app.fetch(check.path, { method: check.method, body: check.body });
      assert.equal(response.status, check.status, check.name);
      if (check.contains) assert.ok((await response.text()).includes(check.contains), check.name);
    }
    await app.stop();
  });

  test(`${name}: serves its files safely and refuses what it cannot understand`, async () => {
    const app = await start(name);
    const home = await app.fetch("/");
    const html = await home.text();
    assert.equal(home.status, 200);
    assert.match(home.headers.get("content-security-policy"), /^default-src 'self'/);
    assert.equal(home.headers.get("x-content-type-options"), "nosniff");
    assert.ok(html.includes("<title>") && !html.includes("{{") && !html.includes("<App>"), "the title is there, escaped");
    assert.equal((await app.fetch("/", { headers: { "If-None-Match": home.headers.get("etag") } })).status, 304);
    assert.equal((await app.fetch("/", { method: "HEAD" })).status, 200);
    for (const [file, type] of [["app.js", "text/javascript"], ["base.js", "text/javascript"], ["style.css", "text/css"], ["base.css", "text/css"], ["icon.svg", "image/svg+xml"]]) {
      const response = await app.fetch(`/${file}`);
      assert.equal(response.status, 200, file);
      assert.ok(response.headers.get("content-type").startsWith(type), file);
      await response.arrayBuffer();
    }
    await app.refused(404, /nothing at this address/, "GET", "/api/nowhere");
    await app.refused(404, /nothing at this address/, "GET", "/..%2fserver.js");
    await app.refused(400, /address is not valid/, "GET", "/%ff");
    await app.refused(405, /Only GET, HEAD/, "POST", "/", {});
    const target = Object.entries({ todo: "todos", notes: "notes", kanban: "cards", poll: "polls", pomodoro: "tasks", landing: "signups" }).find(([app]) => app === name)?.[1];
    if (target) {
      for (const bad of ["", "{", "[]", "null", '"text"', "7"]) await app.refused(400, /must be a JSON object/, "POST", `/api/${target}`, bad);
      await app.refused(413, /at most 64 KiB/, "POST", `/api/${target}`, JSON.stringify({ text: "x".repeat(70_000) }));
      const foreign = await app.call("POST", `/api/${target}`, {}, { "Sec-Fetch-Site": "cross-site" });
      assert.equal(foreign.status, 403);
      const wrong = await app.call("PATCH", `/api/${target}`, {});
      assert.equal(wrong.status, 405);
      assert.match(wrong.headers.get("allow"), /POST/);
    }
    await app.stop();
  });

  test(`${name}: its code keeps to its folder, and its page to itself`, () => {
    let bytes = 0;
    for (const file of [...filesOf(name).map((file) => path.join(name, file)), "_shared/http.js", "_shared/base.js", "_shared/base.css"]) {
      const text = fs.readFileSync(path.join(SOURCE, file), "utf8");
      if (!file.startsWith("_shared")) bytes += text.length;
      assert.doesNotMatch(text, /\beval\(|new Function|child_process|innerHTML|\brequire\((?!"(?:\.\/(?:lib\/)?\w+|http|fs|path|crypto)"\))/, file);
      if (file.endsWith(".html")) assert.doesNotMatch(text, /<script(?! src)|<style|\sstyle=|\son\w+=|(?:src|href)="(?:https?:|\/)/, file);
      if (file.endsWith(".css")) assert.doesNotMatch(text, /url\(|@import/, file);
    }
    assert.ok(bytes < OWN_BYTES_MAX, `${bytes} bytes`);
  });
}

test("an app that cannot listen says why, and ends", async () => {
  const taken = net.createServer().listen(0, "0.0.0.0");
  await new Promise((resolve) => taken.once("listening", resolve));
  const cwd = layOut("todo", { title: TITLE, prompt: "" });
  for (const [port, words] of [[String(taken.address().port), /cannot listen: .*EADDRINUSE/], ["many", /PORT must be a number/], ["65536", /PORT must be a number/]]) {
    const child = spawn(process.execPath, ["server.js"], { cwd, env: { ...process.env, PORT: port } });
    let said = "";
    child.stderr.on("data", (bytes) => (said += bytes));
    assert.equal(await new Promise((resolve) => child.once("close", resolve)), 1);
    assert.match(said, words);
  }
  taken.close();
});

test("todo: adds, changes, ticks, deletes and clears, within bounds", async () => {
  const app = await start("todo");
  const { status, body: todo } = await app.call("POST", "/api/todos", { text: "  Buy <b>milk</b>  " });
  assert.deepEqual([status, todo], [201, { id: "1", text: "Buy <b>milk</b>", done: false }]);
  assert.equal((await app.call("PATCH", "/api/todos/1", { done: true })).body.done, true);
  assert.equal((await app.call("PATCH", "/api/todos/1", { text: "Buy bread" })).body.text, "Buy bread");
  await app.refused(400, /must be text/, "POST", "/api/todos", { text: 7 });
  await app.refused(400, /at most 200/, "POST", "/api/todos", { text: "x".repeat(201) });
  await app.refused(400, /true or false/, "PATCH", "/api/todos/1", { done: "yes" });
  await app.refused(400, /Send/, "PATCH", "/api/todos/1", { __proto__: null, color: "red" });
  await app.refused(404, /does not exist/, "PATCH", "/api/todos/99", { done: true });
  await app.refused(404, /does not exist/, "DELETE", "/api/todos/__proto__");
  await app.refused(400, /done=true/, "DELETE", "/api/todos");
  await app.call("POST", "/api/todos", { text: "Stay" });
  assert.equal((await app.call("DELETE", "/api/todos?done=true")).status, 204);
  assert.deepEqual((await app.call("GET", "/api/todos")).body.todos.map((todo) => todo.text), ["Stay"]);
  const answers = [];
  for (let round = 0; round < 13; round += 1) {
    answers.push(...(await Promise.all(Array.from({ length: 40 }, (_, at) => app.call("POST", "/api/todos", { text: `Task ${at}` })))));
  }
  assert.equal(answers.filter((answer) => answer.status === 201).length, 499);
  assert.equal(answers.filter((answer) => answer.status === 409).length, 21);
  await app.stop();
});

test("notes: saves, searches all words, pins first, deletes", async () => {
  const app = await start("notes");
  for (const title of ["Bread", "Lisbon", "Monday"]) await app.call("POST", "/api/notes", { title, body: `About ${title}, 100% (really)` });
  await app.call("PATCH", "/api/notes/1", { pinned: true });
  assert.equal((await app.call("GET", "/api/notes")).body.notes[0].title, "Bread");
  const found = (await app.call("GET", "/api/notes?q=LISBON%20100%25%20(")).body;
  assert.deepEqual([found.total, found.notes.map((note) => note.title)], [3, ["Lisbon"]]);
  await app.refused(400, /at most 120/, "POST", "/api/notes", { title: "x".repeat(121) });
  await app.refused(400, /at most 20000/, "PATCH", "/api/notes/1", { body: "x".repeat(20_001) });
  await app.refused(400, /Send/, "PATCH", "/api/notes/1", {});
  assert.equal((await app.call("DELETE", "/api/notes/2")).status, 204);
  await app.refused(404, /does not exist/, "GET", "/api/notes/2");
  await app.stop();
});

test("kanban: cards move to their place, columns come and go", async () => {
  const app = await start("kanban", { prompt: "A kanban board with columns backlog, in review and done" });
  const { columns } = (await app.call("GET", "/api/board")).body;
  assert.deepEqual(columns.map((column) => column.name), ["Backlog", "In review", "Done"]);
  const [first, second] = columns.map((column) => column.id);
  const cards = [];
  for (const title of ["A", "B", "C"]) cards.push((await app.call("POST", "/api/cards", { columnId: first, title })).body.id);
  await app.call("PATCH", `/api/cards/${cards[2]}`, { columnId: first, index: 0 });
  await app.call("PATCH", `/api/cards/${cards[0]}`, { columnId: second, index: 999 });
  await app.call("PATCH", `/api/cards/${cards[0]}`, { note: "N", label: "red" });
  const board = (await app.call("GET", "/api/board")).body.columns;
  assert.deepEqual(board.map((column) => column.cards.map((card) => card.title)), [["C", "B"], ["A"], []]);
  await app.refused(400, /“index”/, "PATCH", `/api/cards/${cards[0]}`, { columnId: second, index: -1 });
  await app.refused(400, /“label” must be one of/, "PATCH", `/api/cards/${cards[0]}`, { label: "pink" });
  await app.refused(400, /enter a card title/, "POST", "/api/cards", { columnId: first, title: " " });
  await app.refused(409, /Move or delete/, "DELETE", `/api/columns/${second}`);
  for (let count = columns.length; count < 8; count += 1) await app.call("POST", "/api/columns", { name: `Column ${count}` });
  await app.refused(409, /At most 8 columns/, "POST", "/api/columns", { name: "Ninth" });
  assert.equal((await app.call("DELETE", `/api/cards/${cards[0]}`)).status, 204);
  assert.equal((await app.call("DELETE", `/api/columns/${second}`)).status, 204);
  await app.stop();
});

test("calculator: counts as people expect, and says what is wrong", () => {
  const { evaluate, format } = createRequire(import.meta.url)(path.join(SOURCE, "calculator/public/app.js"));
  const results = { "0.1+0.2": "0.3", "2+3×4": "14", "-2^2": "−4", "2^-1": "0.5", "2^3^2": "512", "50+10%": "55", "200*10%": "20", "3(4+1)": "15", "sin 90": "1",
    "cos(180)": "−1", "5!": "120", "√9+1": "4", "(1+2": "3", "1,5+1": "2.5", "2ans": "8", "--5": "5", "10-2-3": "5", "8/4/2": "1", "1e3+1": "1001", "log 100": "2" };
  for (const [line, result] of Object.entries(results)) assert.equal(format(evaluate(line, { ans: 4 })), result, line);
  const errors = { "1/0": /Division by zero/, "0^-1": /Division by zero/, "1+": /not complete/, "": /not complete/, "1)": /too many/, "foo(2)": /“foo”/, "1e999": /too large/, "171!": /too large/,
    "√(-4)": /not real/, "7 8": /operator is missing/, "tan 90": /not defined/, "constructor(1)": /“constructor”/, "2 $ 3": /“\$”/, [`${"(".repeat(99)}1`]: /too deeply/, "0/0": /Division by zero/ };
  for (const [line, words] of Object.entries(errors)) assert.throws(() => evaluate(line), words, line);
  assert.equal(evaluate("sin(pi/2)", { degrees: false }), 1);
});

test("pomodoro: takes its times from the prompt, keeps settings, tasks and the tally", async () => {
  const app = await start("pomodoro", { prompt: "A pomodoro timer with 50 minute focus sessions and 10 minute breaks" });
  const { settings } = (await app.call("GET", "/api/state")).body;
  assert.deepEqual([settings.focus, settings.short, settings.long], [50, 10, 15]);
  assert.equal((await app.call("PUT", "/api/settings", { focus: 30, sound: false })).body.focus, 30);
  await app.refused(400, /1 to 60/, "PUT", "/api/settings", { short: 61 });
  await app.refused(400, /whole number/, "PUT", "/api/settings", { focus: 2.5 });
  await app.refused(400, /at least one/, "PUT", "/api/settings", { theme: "dark" });
  await app.call("POST", "/api/tasks", { title: "Write" });
  assert.equal((await app.call("POST", "/api/tally", { minutes: 30, taskId: "1" })).status, 201);
  await app.refused(400, /“minutes”/, "POST", "/api/tally", { minutes: "many" });
  const state = (await app.call("GET", "/api/state")).body;
  assert.deepEqual([state.tasks[0].focused, state.tally.length, state.settings.sound], [1, 1, false]);
  await app.stop();
});

test("poll: takes its poll from the prompt, counts one vote per voter, and tells everyone at once", async () => {
  const app = await start("poll", { prompt: 'A poll "Where do we eat?" with options pizza, sushi and tacos' });
  const { polls } = (await app.call("GET", "/api/polls")).body;
  assert.deepEqual([polls[0].question, polls[0].options.map((option) => option.text)], ["Where do we eat?", ["Pizza", "Sushi", "Tacos"]]);
  const stream = await app.fetch("/api/events?voter=voter-0001");
  const reader = stream.body.pipeThrough(new TextDecoderStream()).getReader();
  assert.match(stream.headers.get("content-type"), /event-stream/);
  const vote = (voter, choices) => app.call("PUT", "/api/polls/1/vote", { voter, choices });
  await Promise.all(Array.from({ length: 60 }, (_, at) => vote(`voter-${1000 + at}`, [String((at % 2) + 1)])));
  await vote("voter-1000", ["3"]);
  await vote("voter-0001", ["3"]);
  let seen = "";
  while (!seen.includes('"voters":61')) seen += (await reader.read()).value;
  await reader.cancel();
  assert.match(seen.slice(seen.lastIndexOf("data:")), /"mine":\["3"\]/);
  assert.deepEqual((await app.call("GET", "/api/polls/1")).body.options.map((option) => option.votes), [29, 30, 2]);
  await app.refused(400, /Only one option/, "PUT", "/api/polls/1/vote", { voter: "voter-0001", choices: ["1", "2"] });
  await app.refused(400, /not an option/, "PUT", "/api/polls/1/vote", { voter: "voter-0001", choices: ["9"] });
  await app.refused(400, /“voter”/, "PUT", "/api/polls/1/vote", { voter: "x", choices: ["1"] });
  await app.refused(404, /does not exist/, "PUT", "/api/polls/77/vote", { voter: "voter-0001", choices: ["1"] });
  await app.refused(400, /are the same/, "POST", "/api/polls", { question: "Q", options: ["a", "A"] });
  await app.call("PATCH", "/api/polls/1", { closed: true });
  await app.refused(409, /closed/, "PUT", "/api/polls/1/vote", { voter: "voter-0002", choices: ["1"] });
  await app.stop();
});

test("landing: writes the page from the prompt, whatever the prompt holds, and takes sign-ups", async () => {
  const app = await start("landing", { prompt: 'Landing page for a coffee subscription called "Bean <Box>" with free delivery, rare beans, and gift cards' });
  const html = await (await app.fetch("/")).text();
  assert.ok(html.includes("Bean &#60;Box&#62; is a coffee subscription") && html.includes("Free delivery") && html.includes("Gift cards"));
  for (const email of ["ada@example.com", "ADA@example.com ", "b.c+d@sub.example.org"]) assert.equal((await app.call("POST", "/api/signups", { email })).status, 201);
  for (const email of ["nobody", "a@b", "a b@c.de", "@c.de", "a@c..de"]) await app.refused(400, /does not look like/, "POST", "/api/signups", { email });
  await app.refused(400, /enter an e-mail/, "POST", "/api/signups", { email: "" });
  assert.equal((await app.call("GET", "/api/signups/count")).body.count, 2);
  await app.refused(403, /key is missing/, "GET", "/api/signups?key=guess");
  const key = /key=(\w+)/.exec(app.log.join("\n"))[1];
  assert.equal((await app.call("GET", `/api/signups?key=${key}`)).body.signups[0].email, "ada@example.com");
  await app.stop();
});

test("hostile prompts neither break nor slow the apps that read them", async () => {
  const prompts = ["for ".repeat(500), "named A ".repeat(250), "with a, ".repeat(250), "columns ".repeat(250), "rooms a, b and ".repeat(130), "? ,".repeat(600), "9 min ".repeat(330), "\u2028`${process.exit()}`</script><!--name-->$&{{title}}", "💥".repeat(900)];
  const survives = async (name, prompt) => {
    const app = await start(name, { prompt });
    assert.equal((await app.fetch("/")).status, 200, `${name}: ${prompt.slice(0, 20)}`);
    await app.stop();
  };
  for (const prompt of prompts) await Promise.all(["kanban", "poll", "pomodoro", "chat", "landing"].map((name) => survives(name, prompt)));
});

/* Chat, over a WebSocket client that can also misbehave. */

const KEY = "dGhlIHNhbXBsZSBub25jZQ=="; // With the proof below: the example of RFC 6455, 1.3.
const PROOF = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

function frame(opcode, payload = "", { fin = true, masked = true, reserved = 0 } = {}) {
  const bytes = Buffer.from(payload);
  const length = bytes.length < 126 ? [bytes.length] : bytes.length < 65_536 ? [126, bytes.length >> 8, bytes.length & 255] : [127, 0, 0, 0, 0, 0, 1, 0, 0];
  if (masked) length[0] |= 0x80;
  const mask = [1, 2, 3, 4];
  const body = masked ? [...mask, ...bytes.map((byte, at) => byte ^ mask[at % 4])] : [...bytes];
  return Buffer.from([(fin ? 0x80 : 0) | reserved | opcode, ...length, ...body]);
}

class Client {
  static async open(app, { headers = "", version = 13, where = "/ws", with: first = Buffer.alloc(0) } = {}) {
    const client = new Client();
    client.stream = net.connect(app.port, "127.0.0.1");
    client.bytes = Buffer.alloc(0);
    client.ended = false;
    client.wake = () => {};
    client.stream.on("data", (bytes) => ((client.bytes = Buffer.concat([client.bytes, bytes])), client.wake()));
    client.stream.on("error", () => {});
    client.stream.on("close", () => ((client.ended = true), client.wake()));
    const request = `GET ${where} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Version: ${version}\r\n${headers}\r\n`;
    client.stream.write(Buffer.concat([Buffer.from(request), first]));
    const head = await client.until(() => {
      const end = client.bytes.indexOf("\r\n\r\n");
      if (end < 0) return;
      const text = client.bytes.subarray(0, end).toString();
      client.bytes = client.bytes.subarray(end + 4);
      return text;
    });
    client.head = head;
    return client;
  }
  async until(attempt) {
    for (;;) {
      const value = attempt();
      if (value !== undefined) return value;
      if (this.ended) throw new Error("the connection ended");
      await new Promise((resolve) => (this.wake = resolve));
    }
  }
  frame() {
    return this.until(() => {
      if (this.bytes.length < 2) return;
      const [first, short] = this.bytes;
      const from = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (this.bytes.length < from) return;
      const length = short === 126 ? this.bytes.readUInt16BE(2) : short === 127 ? Number(this.bytes.readBigUInt64BE(2)) : short;
      if (this.bytes.length < from + length) return;
      const payload = this.bytes.subarray(from, from + length);
      this.bytes = this.bytes.subarray(from + length);
      return { opcode: first & 15, payload };
    });
  }
  send(message) {
    this.stream.write(frame(1, JSON.stringify(message)));
  }
  /** The next message of a type; others before it are passed over. */
  async next(type, wanted = () => true) {
    for (;;) {
      const { opcode, payload } = await this.frame();
      const message = opcode === 1 ? JSON.parse(payload) : {};
      if (message.type === type && wanted(message)) return message;
    }
  }
  async closeCode() {
    for (;;) {
      const { opcode, payload } = await this.frame();
      if (opcode === 8) return payload.readUInt16BE(0);
    }
  }
  async join(name, more = {}) {
    this.send({ type: "join", name, ...more });
    return this.next("room");
  }
}

test("chat: two people talk, move between rooms and see each other", async () => {
  const app = await start("chat", { prompt: "A chat with rooms help, music and games" });
  assert.deepEqual((await app.call("GET", "/api/rooms")).body.rooms.map((room) => room.name), ["help", "music", "games"]);
  const [ana, bo] = [await Client.open(app), await Client.open(app)];
  assert.match(ana.head, /^HTTP\/1\.1 101/);
  assert.ok(ana.head.includes(`Sec-WebSocket-Accept: ${PROOF}`));
  assert.equal((await ana.join("Ana", { key: "k".repeat(16) })).room, "help");
  bo.send({ type: "join", name: "ANA" });
  assert.match((await bo.next("refused")).message, /already has this name/);
  await bo.join("Bo");
  await ana.next("people", ({ people }) => people.join() === "Ana,Bo");
  bo.send({ type: "say", text: " Hello <b>you</b> " });
  const { message } = await ana.next("message");
  assert.deepEqual([message.name, message.text], ["Bo", "Hello <b>you</b>"]);
  bo.send({ type: "typing" });
  assert.equal((await ana.next("typing")).name, "Bo");
  bo.send({ type: "enter", room: "My Room" });
  assert.deepEqual(await bo.next("room"), { type: "room", room: "my-room", people: ["Bo"], messages: [] });
  bo.send({ type: "say", text: "Anyone?" });
  assert.equal((await ana.next("news")).room, "my-room");
  const again = await Client.open(app);
  const entered = await again.join("Ana", { key: "k".repeat(16) });
  assert.equal(entered.messages.length, 1);
  assert.equal(await ana.closeCode(), 4001);
  bo.stream.destroy();
  await again.next("rooms", ({ rooms }) => rooms.find((room) => room.name === "my-room").people === 0);
  await app.stop();
});

test("chat: bad messages are answered, floods are stopped, history is bounded", async () => {
  const app = await start("chat");
  const ana = await Client.open(app);
  ana.send({ type: "say", text: "Too early" });
  assert.match((await ana.next("refused")).message, /join with a name/);
  for (const [bad, words] of [[{ type: "toString" }, /“type” must be/], [{ type: "join", name: "x".repeat(25) }, /at most 24/], [{ type: "join", name: 7 }, /must be text/], [{ type: "join", name: "Ana", room: "a/b" }, /letters, digits/], [null, /“type” must be/]]) {
    ana.send(bad);
    assert.match((await ana.next("refused")).message, words);
  }
  ana.stream.write(frame(1, "{not json"));
  assert.match((await ana.next("refused")).message, /must be JSON/);
  const bo = await Client.open(app);
  await bo.join("Bo");
  bo.send({ type: "say", text: "x".repeat(501) });
  assert.match((await bo.next("refused")).message, /at most 500/);
  for (let count = 0; count < 60; count += 1) bo.send({ type: "say", text: "spam" });
  assert.match((await bo.next("refused")).message, /too fast/);
  assert.equal(await bo.closeCode(), 1008);
  const rooms = (await app.call("GET", "/api/rooms/general/messages")).body.messages;
  assert.ok(rooms.length >= 5 && rooms.length <= 12, `${rooms.length} of 60 went through`);
  await app.stop();
});

test("chat: the WebSocket server keeps to RFC 6455", async () => {
  const app = await start("chat");
  const ana = await Client.open(app, { with: frame(1, '{"type":"join","name":"Early"}') });
  await ana.next("welcome");
  ana.stream.write(frame(9, "are you there"));
  await ana.until(() => ana.bytes.includes("are you there") || undefined);
  ana.bytes = Buffer.alloc(0);
  const whole = '{"type":"say","text":"Grüße in Stücken"}';
  const cut = Buffer.from(whole);
  for (const byte of Buffer.concat([frame(1, cut.subarray(0, 24), { fin: false }), frame(9, "between"), frame(0, "", { fin: false }), frame(0, cut.subarray(24))])) ana.stream.write(Buffer.from([byte]));
  assert.equal((await ana.next("message")).message.text, "Grüße in Stücken");
  ana.stream.write(frame(8, Buffer.from([0x03, 0xe9])));
  assert.equal(await ana.closeCode(), 1001);

  const failures = {
    "not masked": [frame(1, "{}", { masked: false }), 1002],
    "reserved bits": [frame(1, "{}", { reserved: 0x40 }), 1002],
    "unknown opcode": [frame(3, "{}"), 1002],
    "continuation of nothing": [frame(0, "{}"), 1002],
    "two messages at once": [Buffer.concat([frame(1, "{", { fin: false }), frame(1, "}")]), 1002],
    "fragmented ping": [frame(9, "x", { fin: false }), 1002],
    "long ping": [frame(9, "x".repeat(126)), 1002],
    "one-byte close": [frame(8, "x"), 1002],
    "close code 1005": [frame(8, Buffer.from([0x03, 0xed])), 1002],
    "binary": [frame(2, "x"), 1003],
    "not UTF-8": [frame(1, Buffer.from([0xc3, 0x28])), 1007],
    "too long": [frame(1, "x".repeat(16_385)), 1009],
    "far too long": [frame(1, "x".repeat(65_536)), 1009],
    "too long in fragments": [Buffer.concat([frame(1, "x".repeat(9000), { fin: false }), frame(0, "x".repeat(9000))]), 1009],
  };
  for (const [what, [bytes, code]] of Object.entries(failures)) {
    const client = await Client.open(app);
    client.stream.write(bytes);
    assert.equal(await client.closeCode(), code, what);
  }
  assert.match((await Client.open(app, { version: 8 })).head, /^HTTP\/1\.1 426[^]*Sec-WebSocket-Version: 13/);
  assert.match((await Client.open(app, { where: "/other" })).head, /^HTTP\/1\.1 404/);
  const last = await Client.open(app);
  await last.join("Last");
  const code = last.closeCode();
  await app.stop();
  assert.equal(await code, 1001, "people are told that the app stops");
});

test("chat: at most 200 people, and the next one is told why", async () => {
  const app = await start("chat");
  const clients = await Promise.all(Array.from({ length: 200 }, () => Client.open(app)));
  await Promise.all(clients.slice(0, 20).map((client, at) => client.join(`Person ${at}`)));
  const late = await Client.open(app);
  assert.match((await late.next("refused")).message, /chat is full/);
  assert.equal(await late.closeCode(), 1013);
  clients[19].stream.destroy();
  await clients[0].next("people", ({ people }) => people.length === 19 && !people.includes("Person 19"));
  assert.equal((await (await Client.open(app)).join("Newcomer")).people.length, 20);
  await app.stop();
});
