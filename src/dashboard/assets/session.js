// One session: its way, its address, its cost, its end.

import { html, useEffect, useRef, useState } from "/assets/vendor/htm-preact.js";
import { api } from "/assets/api.js";
import { STEPS, clock, dollars, isOver, isWorking, plain, remaining, statusWords, stepIndex, webAddress } from "/assets/format.js";
import { Badge } from "/assets/list.js";
import { Files, Logs } from "/assets/panels.js";

const REFRESH_EVERY = 5000;

export function SessionView({ id, state, actions, now }) {
  const session = id ? state.sessions[id] : null;
  const running = session?.status === "ready";

  // What a live app costs grows without an event.
  useEffect(() => {
    if (!running) return undefined;
    const timer = setInterval(() => document.hidden || actions.load(id), REFRESH_EVERY);
    return () => clearInterval(timer);
  }, [id, running]);

  if (!id) return html`<aside class="session none"><${Welcome} /></aside>`;
  if (!session) {
    const words = state.missing === id ? "There is no such session." : "Looking for this session…";
    return html`<aside class="session"><${Back} /><p class="empty">${words}</p></aside>`;
  }
  return html`<aside class="session" aria-label="Session">
    <${Back} />
    <div class="head"><${Badge} session=${session} /><span class="id" title="Session id">${session.sessionId}</span></div>
    <h2>${session.prompt}</h2>
    ${running && html`<${Address} url=${session.appUrl} />`}
    ${session.status === "error" && html`<${Failure} session=${session} />`}
    ${isWorking(session) && html`<${Steps} session=${session} steps=${state.seen[id]?.steps ?? {}} />`}
    <${Facts} ...${{ session, now }} />
    ${session.note && html`<p class="note"><strong>${maker(session)}</strong>${session.note}</p>`}
    <${History} session=${session} />
    <${Findings} session=${session} />
    <${Actions} ...${{ session, actions }} />
    <${Panels} session=${session} />
  </aside>`;
}

const Back = () => html`<a class="back" href="#/">← All sessions</a>`;

const Welcome = () => html`<div class="welcome">
  <img src="/assets/icon.svg" alt="" width="56" height="56" />
  <h2>From a sentence to a live address</h2>
  <p>Each app is written, inspected, started in a sandbox of its own and checked before you get its address. It ends by
    itself when its time or its budget is up.</p>
</div>`;

const maker = (session) =>
  [session.generator, session.template].filter(Boolean).join(" · ") +
  (typeof session.matchPercent === "number" ? `, ${session.matchPercent} % match` : "");

// Who could not write the app and why, and how it was mended.
function History({ session }) {
  const failed = (session.attempts ?? []).filter((attempt) => attempt.error);
  const repairs = session.repairs ?? [];
  if (failed.length + repairs.length === 0) return null;
  return html`<ul class="note">
    ${failed.map((attempt, at) => html`<li key=${"a" + at}><strong>${attempt.model}</strong>${attempt.prompt ? ` (${attempt.prompt} prompt)` : ""}: ${attempt.error.message}</li>`)}
    ${repairs.map((repair, at) => html`<li key=${"r" + at}><strong>Mended</strong> (${repair.tokens} tokens): ${repair.did}, after: ${repair.failure.message}</li>`)}
  </ul>`;
}

const SEVERITIES = { block: "Stops it", warn: "Warning", info: "Note" };

// What the guard has to say of the code: why, where, and what to do about it.
function Findings({ session }) {
  const findings = session.findings ?? [];
  if (findings.length === 0) return null;
  const place = ({ file, line }) => (file ? file + (line ? `:${line}` : "") : "the whole app");
  return html`<section class="findings" aria-labelledby="findings-head">
    <h3 id="findings-head">The guard</h3>
    <ul>${findings.map(
      (finding, at) => html`<li key=${at} class=${finding.severity}>
        <p><strong>${SEVERITIES[finding.severity] ?? finding.severity}</strong> <code>${plain(finding.rule)}</code> <span>${plain(place(finding))}</span></p>
        <p>${plain(finding.why)}</p><p class="remedy">${plain(finding.remedy)}</p></li>`,
    )}</ul>
    ${session.findingsLeftOut > 0 && html`<p class="empty">and ${session.findingsLeftOut} more</p>`}
  </section>`;
}

function Address({ url }) {
  const [copied, setCopied] = useState(false);
  const address = webAddress(url);
  if (!address) return null;
  const copy = () =>
    navigator.clipboard?.writeText(address).then(() => {
      setCopied(true);
      setTimeout(() => setCopied(false), 1500);
    });
  const own = /^https:\/\/[^/:]+\.localhost(:|\/|$)/.test(address);
  return html`<div class="address">
      <a class="primary" href=${address} target="_blank" rel="noopener noreferrer">Open app</a>
      <code>${address.replace(/^https:\/\//, "").replace(/\/$/, "")}</code>
      <button class="plain" onClick=${copy}>${copied ? "Copied" : "Copy"}</button>
    </div>
    ${own && html`<details class="trust"><summary>Does the browser warn about the certificate?</summary>
      <p>On this machine the engine signs its own certificates. Import <code>ca.pem</code> from the engine's data folder
      (<code>.spawnai/</code> by default) as an authority for web sites, or give it to
      <code>curl --cacert</code>.</p></details>`}`;
}

function Failure({ session }) {
  const error = session.error;
  return html`<div class="failure" role="alert">
    <p>${session.errorMessage ?? error?.message ?? "The session failed, and gave no reason."}</p>
    ${error?.code && html`<p class="code">${error.code}${error.retryable ? " · trying again may help" : ""}</p>`}
  </div>`;
}

function Steps({ session, steps }) {
  const present = stepIndex(session.phase);
  const state = (at) => (at < present ? "done" : at === present ? "now" : "next");
  return html`<div class="way">
    <progress max="100" value=${session.progress ?? 0} aria-label="Progress"></progress>
    <ol>${STEPS.map(
      ([name, words], at) => html`<li key=${name} class=${state(at)} aria-current=${at === present ? "step" : undefined}>
        <span class="mark"></span><span>${words}${at === present && steps[name]?.message ? html`<small>${steps[name].message}</small>` : ""}</span>
        <time>${at <= present && steps[name]?.at ? clock(steps[name].at) : ""}</time></li>`,
    )}</ol>
  </div>`;
}

function Facts({ session, now }) {
  const over = isOver(session);
  const share = session.estimatedCost > 0 ? Math.min(1, (session.actualCost ?? 0) / session.estimatedCost) : null;
  return html`<dl class="facts">
    <div><dt>${over ? "Ended" : "Time left"}</dt>
      <dd>${over ? statusWords(session) : session.expiresAt ? remaining(session.expiresAt, now) : "–"}</dd></div>
    <div><dt>${over ? "Final cost" : "Cost so far"}</dt><dd>${dollars(session.actualCost)}</dd></div>
    <div><dt>Estimate</dt><dd>${dollars(session.estimatedCost)}${share !== null && !over ? html` <small>${Math.round(share * 100)} % used</small>` : ""}</dd></div>
    <div><dt>Kind</dt><dd>${session.appType ?? "–"}</dd></div>
    <div><dt>User</dt><dd>${session.userId ?? "–"}</dd></div>
    <div><dt>Created</dt><dd>${session.createdAt ? clock(session.createdAt) : "–"}</dd></div>
  </dl>`;
}

function Actions({ session, actions }) {
  const [busy, setBusy] = useState(false);
  const dialog = useRef(null);
  const id = session.sessionId;
  const attempt = async (work, done) => {
    setBusy(true);
    try {
      const answer = await work();
      actions.notice("good", done(answer));
      await actions.load(id);
    } catch (error) {
      actions.notice("error", error.message);
    } finally {
      setBusy(false);
    }
  };
  const extend = (hours) => () =>
    attempt(() => api.extend(id, hours), (answer) => `It lives until ${clock(answer.newExpiresAt)}, for ${dollars(answer.additionalCost)} more.`);
  const destroy = () => {
    dialog.current.close();
    attempt(() => api.destroy(id), (answer) => `Destroyed. Final cost: ${dollars(answer.finalCost)}.`);
  };
  return html`<div class="actions">
    ${session.status === "ready" &&
    html`<button disabled=${busy} onClick=${extend(0.5)}>+ 30 min</button>`}
    <a class="button" href=${api.exportUrl(id)} download>Export zip</a>
    ${!isOver(session) && html`<button class="danger" disabled=${busy} onClick=${() => dialog.current.showModal()}>Destroy</button>`}
    <dialog ref=${dialog} aria-labelledby="destroy-head">
      <h3 id="destroy-head">Destroy this app?</h3>
      <p>Its sandbox and its address are gone at once. What it cost stays on the bill; its files can still be exported.</p>
      <div class="row"><button autofocus onClick=${() => dialog.current.close()}>Keep it</button>
        <button class="danger solid" onClick=${destroy}>Destroy</button></div>
    </dialog>
  </div>`;
}

function Panels({ session }) {
  // While an app is being written there is no output to see.
  const [chosen, choose] = useState(null);
  const open = chosen ?? (session.status === "generating" || session.status === "creating" ? "files" : "logs");
  const tab = (name, words) =>
    html`<button role="tab" id="tab-${name}" aria-selected=${open === name} aria-controls="panel" onClick=${() => choose(name)}>${words}</button>`;
  return html`<div class="panels">
    <div role="tablist">${tab("logs", "Output")}${tab("files", "Files")}</div>
    <div role="tabpanel" id="panel" aria-labelledby="tab-${open}">
      ${open === "logs" ? html`<${Logs} session=${session} />` : html`<${Files} session=${session} />`}
    </div>
  </div>`;
}
