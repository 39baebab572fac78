// The page: one state, the socket that keeps it fresh, and three views of it.

import { html, render, useEffect, useMemo, useReducer, useRef, useState } from "/assets/vendor/htm-preact.js";
import { LiveSocket, api } from "/assets/api.js";
import { dollars, isOver } from "/assets/format.js";
import { LIST_MAX, initial, reduce } from "/assets/state.js";
import { PromptBox } from "/assets/prompt.js";
import { SessionList } from "/assets/list.js";
import { SessionView } from "/assets/session.js";

const LIST_EVERY = 10000;
const USAGE_EVERY = 20000;
const NOTICE_FOR = 8000;

// #/s/{id} shows a session, everything else shows none.
const shownId = () => location.hash.match(/^#\/s\/([\w-]+)$/)?.[1] ?? null;

function useShownId() {
  const [id, setId] = useState(shownId());
  useEffect(() => {
    const onChange = () => setId(shownId());
    addEventListener("hashchange", onChange);
    return () => removeEventListener("hashchange", onChange);
  }, []);
  return id;
}

// `run` now and then every so often, while somebody looks.
function useEvery(run, milliseconds, inputs) {
  useEffect(() => {
    const tick = () => document.hidden || run();
    tick();
    const timer = setInterval(tick, milliseconds);
    document.addEventListener("visibilitychange", tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", tick);
    };
  }, inputs);
}

function useNow() {
  const [now, setNow] = useState(Date.now());
  useEvery(() => setNow(Date.now()), 1000, []);
  return now;
}

function useEngine(selected) {
  const [state, dispatch] = useReducer(reduce, initial);
  const socket = useRef(null);

  const actions = useMemo(() => {
    const notice = (kind, text) => dispatch({ type: "notice", notice: { kind, text, at: Date.now() } });
    const load = (id) =>
      api.session(id).then(
        (session) => dispatch({ type: "loaded", session }),
        (error) => error.status === 404 && dispatch({ type: "missing", id }),
      );
    return {
      notice,
      load,
      closeNotice: () => dispatch({ type: "notice", notice: null }),
      list: () =>
        api.list(LIST_MAX).then(
          (answer) => dispatch({ type: "listed", sessions: answer.sessions }),
          (error) => dispatch({ type: "list failed", message: error.message }),
        ),
      usage: () =>
        api.usage(new Date().toISOString().slice(0, 10) + "T00:00:00Z").then(
          (usage) => dispatch({ type: "usage", usage }),
          () => dispatch({ type: "usage", usage: null }),
        ),
    };
  }, []);

  useEffect(() => {
    const onFrame = (frame) => {
      dispatch({ type: "frame", frame });
      const settled = frame.type !== "session_update" || ["ready", "error", "expired"].includes(frame.status);
      // Costs, notes and reasons are in the session itself.
      if (settled) actions.load(frame.sessionId);
    };
    const onState = (link) => {
      dispatch({ type: "link", link });
      if (link === "open") actions.list();
    };
    socket.current = new LiveSocket(onFrame, onState);
    return () => socket.current.close();
  }, []);

  useEvery(actions.list, LIST_EVERY, []);
  useEvery(actions.usage, USAGE_EVERY, []);

  const followed = [...new Set([selected, ...(state.order ?? [])])].filter(
    (id) => state.sessions[id] && !isOver(state.sessions[id]),
  );
  useEffect(() => socket.current?.follow(followed), [followed.join()]);

  return [state, actions];
}

function App() {
  const selected = useShownId();
  const [state, actions] = useEngine(selected);
  const now = useNow();

  useEffect(() => {
    if (selected) actions.load(selected);
  }, [selected]);

  useEffect(() => {
    if (!state.notice) return undefined;
    const timer = setTimeout(actions.closeNotice, NOTICE_FOR);
    return () => clearTimeout(timer);
  }, [state.notice]);

  const onSpawned = (accepted, prompt, appType) => {
    actions.load(accepted.sessionId);
    location.hash = `#/s/${accepted.sessionId}`;
  };

  return html`
    <${Header} state=${state} />
    <main class=${selected ? "with-session" : ""}>
      <div class="column">
        <${PromptBox} onSpawned=${onSpawned} />
        <${SessionList} state=${state} selected=${selected} now=${now} retry=${actions.list} />
      </div>
      <${SessionView} key=${selected} id=${selected} state=${state} actions=${actions} now=${now} />
    </main>
    <${Notice} notice=${state.notice} close=${actions.closeNotice} />
  `;
}

function Header({ state }) {
  const live = Object.values(state.sessions).filter((session) => session.status === "ready").length;
  const words = { open: "Connected", connecting: "Connecting", lost: "Connection lost, trying again" }[state.link];
  return html`<header class="top">
    <a class="brand" href="#/"><img src="/assets/icon.svg" alt="" width="28" height="28" /><h1>SpawnAI</h1></a>
    <dl class="figures">
      <div><dt>Live now</dt><dd>${state.order ? live : "–"}</dd></div>
      <div title="All users, since midnight UTC"><dt>Spent today</dt><dd>${dollars(state.usage?.total)}</dd></div>
    </dl>
    <p class="link ${state.link}" role="status"><span class="dot"></span><span class="words">${words}</span></p>
  </header>`;
}

function Notice({ notice, close }) {
  return html`<div class="notices" aria-live="assertive">
    ${notice &&
    html`<div class="notice ${notice.kind}"><p>${notice.text}</p>
      <button class="plain" aria-label="Close" onClick=${close}>×</button></div>`}
  </div>`;
}

render(html`<${App} />`, document.getElementById("app"));
