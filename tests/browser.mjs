// The whole way in a browser: a wish on the dashboard, its steps, the app at its address, and its end.
//
//   node tests/browser.mjs target/debug/spawnai [folder for screenshots]
//
// Needs playwright-core where node finds it (or its path in PLAYWRIGHT), and Chromium at /usr/bin/chromium or in CHROMIUM.
// Exits with 1 when an expectation was not met.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const require = createRequire(import.meta.url);
const { chromium } = require(process.env.PLAYWRIGHT ?? "playwright-core");

const [binary, screenshots] = process.argv.slice(2).map((path) => resolve(path));
if (!binary) {
  console.error("usage: node tests/browser.mjs PATH-OF-SPAWNAI [FOLDER]");
  process.exit(2);
}
const PATIENCE = 30_000;
const folder = await mkdtemp(join(tmpdir(), "spawnai-browser-"));
let [passed, failed] = [0, 0];

async function check(name, run) {
  try {
    await run();
    passed += 1;
    console.log(`ok    ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL  ${name}\n      ${String(error.message ?? error).split("\n").slice(0, 4).join("\n      ")}`);
  }
}

function expect(held, words) {
  if (!held) throw new Error(words);
}

// The engine on free ports; resolves with the dashboard's address once it is up.
function serve() {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("SPAWNAI_")));
  for (const door of ["LISTEN", "GATEWAY_LISTEN", "HOST_LISTEN"]) env[`SPAWNAI_${door}`] = "127.0.0.1:0";
  const engine = spawn(binary, ["serve"], { cwd: folder, env: { ...env, SPAWNAI_DATA_DIR: join(folder, "data") } });
  let said = "";
  const up = new Promise((done, refuse) => {
    engine.once("exit", (code) => refuse(new Error(`the engine ended with ${code}:\n${said}`)));
    engine.stderr.on("data", (bytes) => {
      said += bytes;
      const address = /^dashboard +(http:\/\/\S+)/m.exec(said)?.[1];
      if (address && said.includes("\nCtrl-C stops")) done(address);
    });
  });
  return { engine, up };
}

const { engine, up } = serve();
const ended = new Promise((done) => engine.once("exit", done));
let browser = null;
try {
  const address = await up;
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
  // The engine's authority is nobody's the browser knows; that the chain is right is what the engine's own tests check.
  const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 860 } });
  context.setDefaultTimeout(PATIENCE);
  await walk(context, address);
} catch (error) {
  failed += 1;
  console.log(`FAIL  ${error.stack ?? error}`);
} finally {
  await browser?.close();
  engine.kill("SIGINT");
  const code = await ended;
  await check("the engine ends in order", async () => expect(code === 0, `it ended with ${code}`));
  await rm(folder, { recursive: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);

async function walk(context, address) {
  const page = await context.newPage();
  const broken = [];
  page.on("pageerror", (error) => broken.push(error.message));
  page.on("console", (message) => message.type() === "error" && broken.push(message.text()));
  const shot = async (name, of = page) => screenshots && of.screenshot({ path: join(screenshots, `${name}.png`) });
  const session = page.getByLabel("Session", { exact: true });

  await page.goto(address);
  await check("the dashboard is connected, and empty", async () => {
    await page.getByText("Connected", { exact: true }).waitFor();
    await page.getByText("Nothing here yet").waitFor();
    expect(await page.getByRole("button", { name: "Spawn", exact: true }).isDisabled(), "nothing can be spawned from no words");
  });
  await shot("1-empty");

  await check("a wish shows its steps", async () => {
    // Steps pass faster than a browser can be asked, so they are written down as they appear.
    await page.evaluate(() => {
      globalThis.steps = new Set();
      const look = () => document.querySelectorAll("aside.session li").forEach((step) => globalThis.steps.add(step.textContent));
      new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
    });
    await page.getByLabel("What should it be?").fill("Build me a simple todo app");
    await page.getByRole("button", { name: "Spawn", exact: true }).click();
    await session.getByRole("link", { name: "Open app" }).waitFor();
    const steps = await page.evaluate(() => globalThis.steps.size);
    expect(steps >= 3, `${steps} steps were shown`);
  });
  await check("a live app has its address, its maker and its cost", async () => {
    const url = await session.getByRole("link", { name: "Open app" }).getAttribute("href");
    expect(/^https:\/\/todo-[a-z0-9]+\.localhost:\d+\/?$/.test(url), url);
    await session.getByText("built-in · todo").waitFor();
    await session.getByText("$0.0").first().waitFor();
  });
  await shot("2-live");

  await check("the app works at its address", async () => {
    const [app] = await Promise.all([context.waitForEvent("page"), session.getByRole("link", { name: "Open app" }).click()]);
    await useTodos(app, shot);
  });

  await check("its output is shown", () => page.getByRole("log").getByText("listening on").waitFor());
  await check("its files are shown", async () => {
    await page.getByRole("tab", { name: "Files" }).click();
    await page.getByRole("button", { name: /^server\.js/ }).click();
    await page.getByLabel("server.js", { exact: true }).getByText("DELETE /api/todos/:id").waitFor();
  });
  await shot("3-files");
  await check("it is extended", async () => {
    await page.getByRole("button", { name: "+ 30 min" }).click();
    await page.getByText(/It lives until .* more\./).waitFor();
  });
  await check("past the plan it is not, and says why", async () => {
    await page.getByRole("button", { name: "+ 30 min" }).click();
    await page.getByText(/at most 60 minutes on this plan/).waitFor();
  });
  await shot("4-refused");
  await check("it is destroyed once that was confirmed", async () => {
    await session.getByRole("button", { name: "Destroy" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Keep it" }).click();
    expect(await session.getByRole("link", { name: "Open app" }).isVisible(), "it was to be kept");
    await session.getByRole("button", { name: "Destroy" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Destroy" }).click();
    await page.getByText(/Destroyed\. Final cost: \$0\.0/).waitFor();
    await session.getByRole("link", { name: "Open app" }).waitFor({ state: "detached" });
  });
  await shot("5-destroyed");
  await check("a narrow screen shows it all, too", async () => {
    await page.setViewportSize({ width: 390, height: 800 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(wide <= 0, `${wide} pixels stick out`);
    await shot("6-narrow");
  });
  await check("the page has not complained", async () => {
    // The refused extension is one that the browser itself writes down.
    const unexpected = broken.filter((text) => !text.includes("409"));
    expect(unexpected.length === 0, unexpected.join("\n"));
  });
}

async function useTodos(app, shot) {
  await app.getByText("All clear.").waitFor();
  await app.getByLabel("New task").fill("buy milk");
  await app.getByLabel("New task").press("Enter");
  const task = app.getByRole("listitem").filter({ hasText: "buy milk" });
  await task.waitFor();
  await app.getByText("1 task left").waitFor();
  await task.getByRole("checkbox").check();
  await app.getByText("0 tasks left").waitFor();
  await shot("app", app);
  await app.reload();
  expect(await task.getByRole("checkbox").isChecked(), "what was ticked is kept");
  await app.getByRole("button", { name: "Delete: buy milk" }).click();
  await task.waitFor({ state: "detached" });
  await app.getByText("All clear.").waitFor();
  await app.close();
}
