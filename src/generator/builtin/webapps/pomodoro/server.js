"use strict";
// Pomodoro timer. The clock runs in the page; tasks, settings and the day's tally live here, in memory.

const { serve, refuse, created, text, flag, find } = require("./lib/http");

const PROMPT = "{{prompt}}";
const TASKS_MAX = 100;
const TITLE_MAX = 120;
const TALLY_MAX = 1000;
const LIMITS = { focus: [1, 180], short: [1, 60], long: [1, 120], rounds: [2, 12] };

const tasks = new Map();
const settings = { focus: 25, short: 5, long: 15, rounds: 4, sound: true, autostart: false, ...timesIn(PROMPT) };
let tally = []; // { taskId, minutes, at } of each finished focus.
let lastId = 0;

/** The lengths a prompt asks for, as in “50 minutes of focus and 10 minute breaks”. */
function timesIn(prompt) {
  const times = {};
  const unit = "\\s*-?\\s*min(?:ute)?s?\\b[^\\d.,]{0,14}?";
  const ask = (field, words) => {
    const minutes = Number(new RegExp(`(\\d{1,3})${unit}\\b(?:${words})`, "i").exec(prompt)?.[1]);
    if (minutes >= LIMITS[field][0] && minutes <= LIMITS[field][1]) times[field] = minutes;
  };
  ask("focus", "focus|work|session|pomodoro");
  ask("long", "long");
  ask("short", "short|break|rest|pause");
  return times;
}

serve({
  icon: '<rect width="32" height="32" rx="9" fill="#d8432f"/><circle cx="16" cy="17" r="8" fill="none" stroke="#fff" stroke-width="2.6"/><path d="M16 12.5V17l3 2M13 6.5h6" fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round"/>',
  routes: {
    "GET /api/state": () => ({ settings, tasks: [...tasks.values()], tally }),

    "PUT /api/settings": ({ body }) => {
      const change = {};
      for (const [field, [min, max]] of Object.entries(LIMITS)) {
        if (body[field] === undefined) continue;
        if (!Number.isInteger(body[field]) || body[field] < min || body[field] > max) {
          throw refuse(400, `“${field}” must be a whole number from ${min} to ${max}.`);
        }
        change[field] = body[field];
      }
      for (const field of ["sound", "autostart"]) if (body[field] !== undefined) change[field] = flag(body, field);
      if (!Object.keys(change).length) throw refuse(400, "Send at least one setting.");
      return Object.assign(settings, change);
    },

    "POST /api/tasks": ({ body }) => {
      const title = text(body, "title", { max: TITLE_MAX, label: "task" });
      if (tasks.size >= TASKS_MAX) throw refuse(409, `The list is full: at most ${TASKS_MAX} tasks.`);
      const task = { id: String((lastId += 1)), title, done: false, focused: 0 };
      tasks.set(task.id, task);
      return created(task);
    },

    "PATCH /api/tasks/:id": ({ params, body }) => {
      const task = find(tasks, params.id, "task");
      if (body.title === undefined && body.done === undefined) throw refuse(400, "Send “title”, “done” or both.");
      const change = {};
      if (body.title !== undefined) change.title = text(body, "title", { max: TITLE_MAX, label: "task" });
      if (body.done !== undefined) change.done = flag(body, "done");
      return Object.assign(task, change);
    },

    "DELETE /api/tasks/:id": ({ params }) => {
      tasks.delete(find(tasks, params.id, "task").id);
    },

    "POST /api/tally": ({ body }) => {
      const [min, max] = LIMITS.focus;
      if (!Number.isInteger(body.minutes) || body.minutes < min || body.minutes > max) {
        throw refuse(400, `“minutes” must be a whole number from ${min} to ${max}.`);
      }
      const task = tasks.get(body.taskId);
      if (task) task.focused += 1;
      const entry = { taskId: task?.id ?? null, minutes: body.minutes, at: Date.now() };
      tally = [...tally, entry].slice(-TALLY_MAX);
      return created(entry);
    },
  },
});
