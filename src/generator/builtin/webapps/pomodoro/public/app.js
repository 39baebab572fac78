"use strict";

const NAMES = { focus: "Focus", short: "Short break", long: "Long break" };
const TICKS = 60;
const GEAR = "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.5v5M9 14.5v5";
const KEY = "pomodoro";
let settings = { focus: 25, short: 5, long: 15, rounds: 4, sound: true, autostart: false };
let tasks = [];
let tally = [];
// The clock: while it runs `endsAt` counts, a time of day, so that a sleeping tab does not fall behind; else `left` does.
let clock = { mode: "focus", left: null, endsAt: null, round: 0, taskId: null };
let audio;

const lengthMs = () => settings[clock.mode] * 60_000;
const leftMs = () => (clock.endsAt ? Math.max(0, clock.endsAt - Date.now()) : (clock.left ?? lengthMs()));
const chosen = () => tasks.find((task) => task.id === clock.taskId);

async function load() {
  ({ settings, tasks, tally } = await api("GET", "state"));
  drawTasks();
  draw();
}

/* The clock. */

function recall() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY));
    if (kept && NAMES[kept.mode]) clock = { ...clock, ...kept };
  } catch {
    // A clock that cannot be read starts anew.
  }
}

function set(change) {
  Object.assign(clock, change);
  try {
    localStorage.setItem(KEY, JSON.stringify(clock));
  } catch {
    // Without storage the clock lasts as long as the page.
  }
  draw();
}

function toggle() {
  audio ??= new AudioContext(); // Browsers allow sound only after a click.
  if (clock.endsAt) set({ left: leftMs(), endsAt: null });
  else set({ endsAt: Date.now() + leftMs(), left: null });
  $("#voice").textContent = clock.endsAt ? `${NAMES[clock.mode]} started.` : "Paused.";
}

const go = (mode, start = false) => {
  clock.mode = mode;
  set({ left: null, endsAt: start ? Date.now() + lengthMs() : null });
};

/** What comes after the present round; `counted` when it was finished, not skipped. */
function next(counted) {
  if (clock.mode !== "focus") {
    if (clock.mode === "long") clock.round = 0;
    return go("focus", counted && settings.autostart);
  }
  if (counted) clock.round += 1;
  go(clock.round >= settings.rounds ? "long" : "short", counted && settings.autostart);
}

async function finish() {
  const { mode, taskId } = clock;
  const minutes = settings[mode];
  next(true);
  if (settings.sound) chime();
  const words = mode === "focus" ? "Well done. Time for a break." : "Break is over. Ready to focus?";
  toast(words);
  $("#voice").textContent = words;
  if (mode === "focus") await attempt(async () => (await api("POST", "tally", { minutes, taskId }), load()));
}

function beat() {
  if (clock.endsAt && leftMs() === 0) finish();
  else if (clock.endsAt) draw();
}

/** Three soft notes of a bell, made on the spot. */
function chime() {
  audio ??= new AudioContext();
  audio.resume();
  [523.25, 659.25, 783.99].forEach((pitch, at) => {
    const [tone, volume, from] = [audio.createOscillator(), audio.createGain(), audio.currentTime + at * 0.22];
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, from);
    volume.gain.exponentialRampToValueAtTime(0.22, from + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, from + 1.4);
    tone.connect(volume).connect(audio.destination);
    tone.start(from);
    tone.stop(from + 1.5);
  });
}

function draw() {
  const left = leftMs();
  const seconds = Math.ceil(left / 1000);
  const time = `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
  const started = clock.endsAt || clock.left !== null;
  document.body.dataset.mode = clock.mode;
  document.title = started ? `${time} · ${NAMES[clock.mode]}` : "{{title}}";
  $("#time").textContent = time;
  $("#arc").style.strokeDasharray = `${(1000 * left) / lengthMs()} 1000`;
  $("#arc").style.opacity = left ? 1 : 0;
  $("#toggle").textContent = clock.endsAt ? "Pause" : started ? "Resume" : "Start";
  $("#reset").disabled = !started;
  $("#about").textContent = clock.mode === "focus" ? (chosen()?.title ?? "Stay with one thing") : "Look up, breathe, stretch";
  $("#rounds").replaceChildren(...Array.from({ length: settings.rounds }, (_, at) => make("i", { class: at < clock.round ? "full" : "" })));
  $("#rounds").setAttribute("aria-label", `${clock.round} of ${settings.rounds} rounds`);
  for (const button of document.querySelectorAll("[data-to]")) button.setAttribute("aria-pressed", button.dataset.to === clock.mode);
}

/* Tasks. */

function drawTasks() {
  const today = tally.filter((entry) => new Date(entry.at).toDateString() === new Date().toDateString());
  const minutes = today.reduce((sum, entry) => sum + entry.minutes, 0);
  $("#today").textContent = today.length ? `Today: ${today.length} × focus, ${minutes} min` : "";
  $("#none").hidden = tasks.length > 0;
  $("#list").replaceChildren(...tasks.map((task) => {
    const isChosen = task.id === clock.taskId;
    return make("li", { class: `task${task.done ? " done" : ""}${isChosen ? " chosen" : ""}` },
      make("input", { type: "checkbox", checked: task.done, "aria-label": `Done: ${task.title}`, onchange: (event) => change(task, event.target.checked) }),
      make("button", { class: "choose", "aria-pressed": String(isChosen), onclick: () => choose(isChosen ? null : task.id) }, task.title),
      task.focused > 0 && make("output", { "aria-label": `${task.focused} rounds of focus` }, `×${task.focused}`),
      make("button", { class: "quiet square danger", "aria-label": `Delete: ${task.title}`, onclick: () => remove(task) }, icon(ICONS.close)));
  }));
}

function choose(taskId) {
  set({ taskId });
  drawTasks();
}

async function change(task, done) {
  await attempt(async () => Object.assign(task, await api("PATCH", `tasks/${task.id}`, { done })));
  if (task.done && task.id === clock.taskId) clock.taskId = null;
  choose(clock.taskId);
}

async function remove(task) {
  await attempt(async () => (await api("DELETE", `tasks/${task.id}`), load()));
  $("#title").focus();
}

$("#add").addEventListener("submit", async (event) => {
  event.preventDefault();
  const field = $("#title");
  const title = field.value.trim();
  if (!title) return toast("Write a task first.");
  await attempt(async () => {
    const task = await api("POST", "tasks", { title });
    tasks.push(task);
    field.value = "";
    choose(chosen() ? clock.taskId : task.id);
  });
  field.focus();
});

/* Settings. */

const dialog = $("#settings");
const form = $("form", dialog);
$("#open-settings").addEventListener("click", () => {
  for (const [name, value] of Object.entries(settings)) form.elements[name][typeof value === "boolean" ? "checked" : "value"] = value;
  dialog.showModal();
});
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const wanted = {};
  for (const [name, value] of Object.entries(settings)) {
    wanted[name] = typeof value === "boolean" ? form.elements[name].checked : form.elements[name].valueAsNumber;
  }
  if (await attempt(async () => (settings = await api("PUT", "settings", wanted)))) dialog.close();
  // A paused or running round keeps its time, unless that is more than a whole new one.
  if (leftMs() > lengthMs()) set({ left: null, endsAt: null });
  draw();
});
$("#cancel").addEventListener("click", () => dialog.close());
$("#try-sound").addEventListener("click", chime);

$("#toggle").addEventListener("click", toggle);
$("#reset").addEventListener("click", () => go(clock.mode));
$("#skip").addEventListener("click", () => next(false));
for (const button of document.querySelectorAll("[data-to]")) button.addEventListener("click", () => go(button.dataset.to));
document.addEventListener("keydown", (event) => {
  if (event.key === " " && event.target === document.body) (event.preventDefault(), toggle());
});
for (let at = 0; at < TICKS; at += 1) {
  const tick = document.createElementNS(SVG, "path");
  tick.setAttribute("d", at % 5 ? "M306 160h6" : "M302 160h10");
  tick.setAttribute("transform", `rotate(${(at * 360) / TICKS} 160 160)`);
  $("#ticks").append(tick);
}
$("#open-settings").append(icon(GEAR), "Settings");
$("#add .button").append(icon(ICONS.plus));
addEventListener("storage", () => (recall(), draw())); // Another tab moved the clock.
recall();
draw();
keepFresh(load);
setInterval(beat, 250);
