// What the page knows, and how each frame and answer changes it. Pure.

export const LIST_MAX = 50;
const STEPS_KEPT = 64;

export const initial = {
  sessions: {}, // by id
  order: null, // ids, newest first; null until the first answer
  seen: {}, // by id: { seq, steps: { phase: { at, message } } }
  missing: null, // the id that was asked for and is not there
  notice: null, // { kind, text }
  listError: null,
  link: "connecting",
  usage: null,
};

export function reduce(state, action) {
  switch (action.type) {
    case "listed":
      return listed(state, action.sessions);
    case "list failed":
      return { ...state, listError: action.message };
    case "loaded":
      return put(state, action.session);
    case "missing":
      return { ...state, missing: action.id };
    case "frame":
      return framed(state, action.frame);
    case "link":
      return { ...state, link: action.link, seen: action.link === "open" ? unnumbered(state.seen) : state.seen };
    case "usage":
      return { ...state, usage: action.usage };
    case "notice":
      return { ...state, notice: action.notice };
    default:
      return state;
  }
}

function listed(state, list) {
  const sessions = { ...state.sessions };
  for (const session of list) sessions[session.sessionId] = session;
  return { ...state, sessions, order: list.map((session) => session.sessionId), listError: null };
}

function put(state, session) {
  const id = session.sessionId;
  const order = state.order ?? [];
  return {
    ...state,
    sessions: { ...state.sessions, [id]: { ...state.sessions[id], ...session } },
    order: order.includes(id) ? order : newestFirst([id, ...order]),
  };
}

// Ids are UUIDs of version 7: they sort by the time of their creation.
const newestFirst = (ids) => [...ids].sort().reverse().slice(0, LIST_MAX);

function framed(state, frame) {
  const id = frame.sessionId;
  const session = state.sessions[id];
  const seen = state.seen[id] ?? { seq: -1, steps: {} };
  // A frame that was sent twice, or that overtook its own repetition after a reconnect.
  if (!session || (typeof frame.seq === "number" && frame.seq <= seen.seq)) return state;
  const next = { ...state, seen: { ...state.seen, [id]: noted(seen, frame) } };
  if (frame.type === "session_update") {
    const { status, phase, progress, appUrl } = frame;
    const known = Object.fromEntries(Object.entries({ status, phase, progress, appUrl }).filter(([, v]) => v !== undefined));
    return { ...next, sessions: { ...state.sessions, [id]: { ...session, ...known } } };
  }
  if (frame.type === "session_findings") {
    const { findings, findingsLeftOut } = frame;
    return { ...next, sessions: { ...state.sessions, [id]: { ...session, findings, findingsLeftOut } } };
  }
  if (frame.type === "session_error" && !frame.recoverable) {
    const error = typeof frame.error === "string" ? { message: frame.error } : frame.error;
    const failed = { ...session, status: "error", error, errorMessage: error?.message };
    return { ...next, sessions: { ...state.sessions, [id]: failed } };
  }
  if (frame.type === "session_expired") {
    const over = { ...session, status: "expired", actualCost: frame.finalCost, endReason: frame.endReason };
    return { ...next, sessions: { ...state.sessions, [id]: over } };
  }
  return next;
}

// An engine that was started again counts from the beginning.
const unnumbered = (seen) => Object.fromEntries(Object.entries(seen).map(([id, of]) => [id, { ...of, seq: -1 }]));

function noted(seen, frame) {
  const seq = typeof frame.seq === "number" ? frame.seq : seen.seq;
  if (!frame.phase || Object.keys(seen.steps).length >= STEPS_KEPT) return { ...seen, seq };
  const step = seen.steps[frame.phase] ?? { at: frame.at };
  const message = frame.message ?? step.message;
  return { seq, steps: { ...seen.steps, [frame.phase]: { ...step, message } } };
}
