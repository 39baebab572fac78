// The sessions, newest first.

import { html } from "/assets/vendor/htm-preact.js";
import { ago, dollars, isOver, isWorking, remaining, statusWords, stepWords } from "/assets/format.js";

export function SessionList({ state, selected, now, retry }) {
  return html`<section class="sessions" aria-labelledby="sessions-head">
    <h2 id="sessions-head">Sessions</h2>
    ${state.listError &&
    html`<div class="problem" role="alert">${state.listError} <button class="plain" onClick=${retry}>Try again</button></div>`}
    <${Rows} ...${{ state, selected, now }} />
  </section>`;
}

function Rows({ state, selected, now }) {
  if (state.order === null) {
    return state.listError ? null : html`<ul aria-busy="true" aria-label="Loading">${[0, 1, 2].map((n) => html`<li class="ghost" key=${n}></li>`)}</ul>`;
  }
  if (state.order.length === 0) {
    return html`<p class="empty">Nothing here yet. Your first app is one sentence away.</p>`;
  }
  const sessions = state.order.map((id) => state.sessions[id]).filter(Boolean);
  return html`<ul>${sessions.map((session) => html`<${Row} key=${session.sessionId} ...${{ session, now }} selected=${session.sessionId === selected} />`)}</ul>`;
}

function Row({ session, selected, now }) {
  const working = isWorking(session);
  const facts = working
    ? stepWords(session.phase)
    : session.status === "ready"
      ? `${remaining(session.expiresAt, now)} left`
      : ago(session.createdAt, now);
  return html`<li>
    <a href="#/s/${session.sessionId}" aria-current=${selected ? "true" : undefined} class=${isOver(session) ? "over" : ""}>
      <span class="what">${session.prompt}</span>
      <span class="facts"><${Badge} session=${session} /><span>${facts}</span><span class="cost">${dollars(session.actualCost)}</span></span>
      ${working && html`<progress max="100" value=${session.progress ?? 0} aria-label="Progress"></progress>`}
    </a>
  </li>`;
}

export function Badge({ session }) {
  return html`<span class="badge ${session.status}">${statusWords(session)}</span>`;
}
