"use strict";
// Follows the script as it runs, and runs it again.

const WORDS = { running: "running", finished: "finished", failed: "failed", stopped: "stopped" };
const output = $("#output");
const form = $("#run");
let run = null;
let clock;

function seconds(ms) {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 10000 ? 2 : 1)} s`;
}

function showStatus(status) {
  if (run?.run !== status.run) output.textContent = "";
  run = { ...status, seen: performance.now() };
  const running = status.state === "running";
  $("#state").textContent = WORDS[status.state] || status.state;
  $("#state").className = `badge ${status.state}`;
  $("#stop").hidden = !running;
  $("#again").disabled = running;
  const notes = [status.message, status.truncated && "The output was cut: it is longer than this page keeps."].filter(Boolean);
  $("#note").textContent = notes.join(" ");
  $("#note").hidden = !notes.length;
  clearInterval(clock);
  showFacts();
  if (running) clock = setInterval(showFacts, 100);
  else attempt(showFiles);
}

function showFacts() {
  const running = run.state === "running";
  const time = seconds(run.durationMs + (running ? performance.now() - run.seen : 0));
  const code = run.exitCode === null ? "" : ` · exit code ${run.exitCode}`;
  const args = run.args.length ? ` · ${run.args.join(" ")}` : "";
  $("#facts").textContent = `run ${run.run} · ${time}${code}${args}`;
}

async function showFiles() {
  const { files } = await api("GET", "files");
  const fixed = [...$("#files").children].slice(0, 2);
  const link = ({ name }) => make("li", {}, make("a", { href: `api/files/${encodeURIComponent(name)}`, download: true }, name));
  $("#files").replaceChildren(...fixed, ...files.map(link));
}

function follow() {
  const source = new EventSource("api/events");
  // A new connection tells the run from its beginning.
  source.addEventListener("open", () => (run = null));
  source.addEventListener("status", (event) => showStatus(JSON.parse(event.data)));
  source.addEventListener("output", (event) => {
    const atEnd = output.scrollHeight - output.scrollTop - output.clientHeight < 40;
    output.append(JSON.parse(event.data).text);
    if (atEnd) output.scrollTop = output.scrollHeight;
  });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) setTimeout(follow, 2000);
  });
}

form.addEventListener("submit", async (submitted) => {
  submitted.preventDefault();
  const problem = $(".problem", form);
  problem.textContent = "";
  try {
    await api("POST", "run", { args: form.elements.args.value, stdin: form.elements.stdin.value });
    output.scrollIntoView({ block: "nearest", behavior: "smooth" });
  } catch (error) {
    problem.textContent = error.message;
  }
});
$("#stop").addEventListener("click", () => attempt(() => api("POST", "stop", {})));
follow();
