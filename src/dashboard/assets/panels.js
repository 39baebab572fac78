// What an app writes, and what it is made of.

import { html, useEffect, useRef, useState } from "/assets/vendor/htm-preact.js";
import { api } from "/assets/api.js";
import { bytes, clock, isOver, plain } from "/assets/format.js";

const LINES_MAX = 1000;
const FILE_SHOWN_MAX = 200000;
const FILES_SHOWN_MAX = 200;

// The lines kept by the engine, and then those that come; each has a number, so none is shown twice.
function useLogs(session) {
  const [lines, setLines] = useState([]);
  const [problem, setProblem] = useState(null);
  const { sessionId: id } = session;
  const over = isOver(session);
  useEffect(() => {
    let source = null;
    let gone = false;
    let waiting = [];
    const flush = () => {
      const more = waiting;
      waiting = [];
      if (more.length === 0) return;
      setLines((known) => {
        const last = known.length > 0 ? known[known.length - 1].seq : -1;
        return [...known, ...more.filter((line) => line.seq > last)].slice(-LINES_MAX);
      });
    };
    // An app that writes thousands of lines a second must not freeze the page.
    const timer = setInterval(flush, 150);
    api.logs(id).then(
      (answer) => {
        if (gone) return;
        setProblem(null);
        setLines(answer.lines.slice(-LINES_MAX));
        if (over) return;
        source = api.followLogs(id);
        source.addEventListener("log", (event) => waiting.push(JSON.parse(event.data)));
      },
      (error) => gone || setProblem(error.message),
    );
    return () => {
      gone = true;
      clearInterval(timer);
      source?.close();
    };
  }, [id, over]);
  return [lines, problem];
}

export function Logs({ session }) {
  const [lines, problem] = useLogs(session);
  const box = useRef(null);
  const atEnd = useRef(true);
  const onScroll = () => {
    const { scrollTop, clientHeight, scrollHeight } = box.current;
    atEnd.current = scrollTop + clientHeight > scrollHeight - 24;
  };
  useEffect(() => {
    if (atEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [lines]);
  if (problem) return html`<p class="empty">${problem}</p>`;
  if (lines.length === 0) {
    return html`<p class="empty">${isOver(session) ? "It wrote nothing." : "Nothing written yet."}</p>`;
  }
  return html`<div class="logs" ref=${box} onScroll=${onScroll} tabindex="0" role="log" aria-label="Output of the app">
    ${lines.map(
      (line) => html`<div key=${line.seq} class=${line.stream}><time>${clock(line.at)}</time><span>${plain(line.text)}</span></div>`,
    )}
  </div>`;
}

// The files as the model writes them, by path, while it does: { path: text }, and the one that grew last.
function useWriting(session) {
  const [written, setWritten] = useState({ files: {}, last: null });
  const { sessionId: id, status } = session;
  const writing = status === "generating" || status === "deploying";
  useEffect(() => {
    setWritten({ files: {}, last: null });
    if (!writing) return undefined;
    const source = api.followEvents(id);
    let waiting = [];
    source.addEventListener("session_file", (event) => waiting.push(JSON.parse(event.data)));
    const timer = setInterval(() => {
      const pieces = waiting;
      waiting = [];
      if (pieces.length > 0) setWritten((known) => grown(known, pieces));
    }, 150);
    return () => {
      clearInterval(timer);
      source.close();
    };
  }, [id, writing]);
  return written;
}

// A piece at 0 begins its file anew; what is past the bounds is not shown.
function grown({ files, last }, pieces) {
  const next = { ...files };
  for (const { path, offset, text } of pieces) {
    if (!(path in next) && Object.keys(next).length >= FILES_SHOWN_MAX) continue;
    next[path] = ((offset === 0 ? "" : next[path] ?? "…\n") + text).slice(0, FILE_SHOWN_MAX);
    last = path;
  }
  return { files: next, last };
}

function Writing({ written: { files, last } }) {
  const box = useRef(null);
  useEffect(() => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [files, last]);
  return html`<div class="files">
    <ul>${Object.keys(files).map((path) => html`<li key=${path}>
      <button aria-pressed=${path === last} disabled><span>${path}</span><small>${path === last ? "being written" : bytes(files[path].length)}</small></button></li>`)}</ul>
    <pre ref=${box} tabindex="0" aria-label=${last}>${files[last]}</pre>
  </div>`;
}

export function Files({ session }) {
  const written = useWriting(session);
  const [files, setFiles] = useState(null);
  const [problem, setProblem] = useState(null);
  const [shown, setShown] = useState(null);
  const { sessionId: id, status } = session;

  useEffect(() => {
    let gone = false;
    api.files(id).then(
      (answer) => gone || (setProblem(null), setFiles(answer.files)),
      (error) => gone || setProblem(error.message),
    );
    return () => (gone = true);
  }, [id, status]);

  const show = async (path) => {
    setShown({ path, text: null });
    const text = await api.file(id, path).catch((error) => error.message);
    setShown((now) => (now?.path === path ? { path, text } : now));
  };

  if (written.last !== null && !(files?.length > 0)) return html`<${Writing} written=${written} />`;
  if (problem) return html`<p class="empty">${problem}</p>`;
  if (files === null) return html`<p class="empty">Reading…</p>`;
  if (files.length === 0) return html`<p class="empty">No files yet.</p>`;
  return html`<div class="files">
    <ul>${files.map(
      (file) => html`<li key=${file.path}>
        <button aria-pressed=${shown?.path === file.path} onClick=${() => show(file.path)}><span>${file.path}</span><small>${bytes(file.bytes)}</small></button></li>`,
    )}</ul>
    ${shown && html`<pre tabindex="0" aria-label=${shown.path}>${shown.text === null ? "Reading…" : shown.text.slice(0, FILE_SHOWN_MAX)}</pre>`}
  </div>`;
}
