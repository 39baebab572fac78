"use strict";
// Polls with live results. Who voted what stays here; pages see counts, and their own choice.
//
//   PUT vote ──► poll.votes (voter → options) ──► announce ──► every open page (server-sent events)

const { serve, refuse, created, text, flag, find, SECURITY } = require("./lib/http");

const PROMPT = "{{prompt}}";
const POLLS_MAX = 50;
const OPTIONS_MIN = 2;
const OPTIONS_MAX = 8;
const QUESTION_MAX = 160;
const OPTION_MAX = 80;
const VOTERS_MAX = 10_000;
const WATCHERS_MAX = 200;
const UNSENT_BYTES_MAX = 1024 * 1024;
const ANNOUNCE_EVERY_MS = 50;
const HEARTBEAT_MS = 20_000;

const polls = new Map();
const watchers = new Map(); // response → voter
let lastId = 0;
let announcement = null;

const asked = pollIn(PROMPT);
if (asked) add(asked.question, asked.options, false);

/** The poll a prompt spells out, as in “Where do we eat? Options: pizza, sushi or tacos”; null if it does not. */
function pollIn(prompt) {
  const question = /["“]([^"“”?]{3,150}\?)/.exec(prompt)?.[1] ?? /(?:^|[.:!\n]\s*)([^.:!?\n]{3,150}\?)/.exec(prompt)?.[1];
  const list =
    /\b(?:options?|choices|answers|candidates)\b\s*(?:are|like)?\s*:?\s*([^.?!\n]+)/i.exec(prompt)?.[1] ??
    /\?["”]?\s*([^.?!\n]*,[^.?!\n]+)/.exec(prompt)?.[1] ??
    /\bpoll\b[^:.?!\n]*:\s*([^.?!\n]+)/i.exec(prompt)?.[1];
  const options = (list ?? "").split(/\s*,\s*(?:(?:and|or)\s+)?|\s+(?:and|or)\s+/i).map((option) => option.replace(/["“”]/g, "").trim());
  const good = options.length <= OPTIONS_MAX && options.every((option) => option && option.length <= 40);
  if (options.length < OPTIONS_MIN || !good || new Set(options).size < options.length) return null;
  const capital = (words) => words[0].toUpperCase() + words.slice(1);
  return { question: capital((question ?? "What do you choose?").trim()), options: options.map(capital) };
}

function add(question, options, multiple) {
  lastId += 1;
  const listed = options.map((option, at) => ({ id: String(at + 1), text: option }));
  const poll = { id: String(lastId), question, multiple, closed: false, options: listed, votes: new Map() };
  polls.set(poll.id, poll);
  return poll;
}

/** What a page may know of a poll; `mine` is what this voter chose. */
function view(poll, voter) {
  const counts = new Map(poll.options.map((option) => [option.id, 0]));
  for (const chosen of poll.votes.values()) for (const id of chosen) counts.set(id, counts.get(id) + 1);
  const { id, question, multiple, closed, votes } = poll;
  const options = poll.options.map((option) => ({ ...option, votes: counts.get(option.id) }));
  return { id, question, multiple, closed, options, voters: votes.size, mine: votes.get(voter) ?? [] };
}

const viewAll = (voter) => ({ polls: [...polls.values()].reverse().map((poll) => view(poll, voter)) });

/** Tells every page soon; votes that come at the same time share one announcement. */
function announce() {
  announcement ??= setTimeout(() => {
    announcement = null;
    const shared = viewAll(null).polls;
    for (const [res, voter] of watchers) {
      const mine = shared.map((poll) => ({ ...poll, mine: polls.get(poll.id).votes.get(voter) ?? [] }));
      if (res.writableLength > UNSENT_BYTES_MAX) res.destroy();
      else res.write(`data: ${JSON.stringify({ polls: mine })}\n\n`);
    }
  }, ANNOUNCE_EVERY_MS);
}

function watch({ res, query }) {
  if (watchers.size >= WATCHERS_MAX) throw refuse(429, "Too many people are watching. Please try again in a moment.");
  const voter = query.get("voter");
  res.writeHead(200, { ...SECURITY, "Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no" });
  res.write(`retry: 2000\ndata: ${JSON.stringify(viewAll(voter))}\n\n`);
  watchers.set(res, voter);
  res.on("close", () => watchers.delete(res));
}

function voterOf(body) {
  if (typeof body.voter !== "string" || !/^[\w-]{8,64}$/.test(body.voter)) throw refuse(400, "“voter” must be 8 to 64 letters or digits.");
  return body.voter;
}

setInterval(() => watchers.forEach((_, res) => res.write(": still here\n\n")), HEARTBEAT_MS).unref();

serve({
  icon: '<rect width="32" height="32" rx="9" fill="#7a3fc4"/><path d="M10 22v-6M16 22V9M22 22v-9" stroke="#fff" stroke-width="4" stroke-linecap="round"/>',
  onStop: () => watchers.forEach((_, res) => res.end()),
  routes: {
    "GET /api/polls": ({ query }) => viewAll(query.get("voter")),
    "GET /api/events": watch,
    "GET /api/polls/:id": ({ params, query }) => view(find(polls, params.id, "poll"), query.get("voter")),

    "POST /api/polls": ({ body }) => {
      const question = text(body, "question", { max: QUESTION_MAX });
      if (!Array.isArray(body.options)) throw refuse(400, "“options” must be a list of texts.");
      const options = body.options.map((option) => text({ option }, "option", { max: OPTION_MAX }));
      if (options.length < OPTIONS_MIN || options.length > OPTIONS_MAX) {
        throw refuse(400, `A poll needs ${OPTIONS_MIN} to ${OPTIONS_MAX} options.`);
      }
      if (new Set(options.map((option) => option.toLowerCase())).size < options.length) {
        throw refuse(400, "Two options are the same. Please make each one different.");
      }
      const multiple = body.multiple === undefined ? false : flag(body, "multiple");
      if (polls.size >= POLLS_MAX) throw refuse(409, `At most ${POLLS_MAX} polls fit here. Delete one first.`);
      const poll = add(question, options, multiple);
      announce();
      return created(view(poll, null));
    },

    "PUT /api/polls/:id/vote": ({ params, body }) => {
      const poll = find(polls, params.id, "poll");
      const voter = voterOf(body);
      if (!Array.isArray(body.choices)) throw refuse(400, "“choices” must be a list of option ids.");
      const choices = [...new Set(body.choices)];
      if (!choices.every((choice) => poll.options.some((option) => option.id === choice))) {
        throw refuse(400, "One of the choices is not an option of this poll.");
      }
      if (choices.length > 1 && !poll.multiple) throw refuse(400, "Only one option can be chosen in this poll.");
      if (poll.closed) throw refuse(409, "This poll is closed.");
      if (!poll.votes.has(voter) && poll.votes.size >= VOTERS_MAX) throw refuse(409, "This poll has all the votes it can count.");
      if (choices.length) poll.votes.set(voter, choices);
      else poll.votes.delete(voter);
      announce();
      return view(poll, voter);
    },

    "PATCH /api/polls/:id": ({ params, body }) => {
      const poll = find(polls, params.id, "poll");
      poll.closed = flag(body, "closed");
      announce();
      return view(poll, null);
    },

    "DELETE /api/polls/:id": ({ params }) => {
      polls.delete(find(polls, params.id, "poll").id);
      announce();
    },
  },
});
