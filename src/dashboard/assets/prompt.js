// The box in which an app begins.

import { html, useState } from "/assets/vendor/htm-preact.js";
import { api } from "/assets/api.js";

const PROMPT_MAX = 2000;

const TYPES = [
  ["webapp", "Web app", "Pages for a browser"],
  ["api", "API", "JSON over HTTP"],
  ["script", "Script", "Runs and ends; its address shows the output"],
];

const EXAMPLES = [
  ["webapp", "Build me a simple todo app"],
  ["webapp", "A kanban board for a small team"],
  ["api", "An API for books with title, author and year"],
  ["script", "Word frequency of a text"],
];

export function PromptBox({ onSpawned }) {
  const [prompt, setPrompt] = useState("");
  const [appType, setAppType] = useState("webapp");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(null);
  const length = [...prompt].length;
  const tooLong = length > PROMPT_MAX;
  const ready = prompt.trim() !== "" && !tooLong && !busy;

  const submit = async (event) => {
    event.preventDefault();
    if (!ready) return;
    setBusy(true);
    setError(null);
    try {
      onSpawned(await api.spawn(prompt.trim(), appType));
      setPrompt("");
    } catch (refused) {
      setError(refused.message);
    } finally {
      setBusy(false);
    }
  };

  const onKey = (event) => {
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) submit(event);
  };

  return html`<form class="prompt" onSubmit=${submit}>
    <h2><label for="prompt">What should it be?</label></h2>
    <textarea id="prompt" rows="3" value=${prompt} placeholder="Describe an app in a sentence or two"
      aria-describedby="prompt-hint" aria-invalid=${tooLong || error !== null}
      onInput=${(event) => setPrompt(event.target.value)} onKeyDown=${onKey}></textarea>
    <div class="row">
      <fieldset class="types"><legend class="unseen">Kind of app</legend>
        ${TYPES.map(
          ([value, words, title]) => html`<label key=${value} title=${title}>
            <input type="radio" name="type" value=${value} checked=${appType === value} onChange=${() => setAppType(value)} />
            <span>${words}</span></label>`,
        )}
      </fieldset>
      ${length > PROMPT_MAX * 0.8 && html`<span id="prompt-hint" class="hint ${tooLong ? "bad" : ""}">${length} / ${PROMPT_MAX}</span>`}
      <button class="primary" title="Ctrl+Enter" disabled=${!ready}>${busy ? "Asking…" : "Spawn"}</button>
    </div>
    ${error && html`<p class="problem" role="alert">${error}</p>`}
    <div class="examples"><span>Try</span>
      ${EXAMPLES.map(
        ([type, text]) => html`<button type="button" key=${text} onClick=${() => (setPrompt(text), setAppType(type))}>${text}</button>`,
      )}
    </div>
  </form>`;
}
