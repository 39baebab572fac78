// Words and figures for people. Pure: the time is an argument.

export const STEPS = [
  ["queued", "Place and budget"],
  ["writing", "Writing the app"],
  ["inspecting", "Inspecting the code"],
  ["acquiring", "Taking a sandbox"],
  ["uploading", "Uploading the files"],
  ["building", "Building"],
  ["starting", "Starting"],
  ["checking", "Checking that it answers"],
  ["live", "Live"],
];

const PHASES = new Map([...STEPS, ["releasing", "Giving the sandbox back"], ["done", "Over"]]);

export const stepIndex = (phase) => STEPS.findIndex(([name]) => name === phase);

export const stepWords = (phase) => PHASES.get(phase) ?? phase ?? "";

export const isOver = (session) => session.status === "error" || session.status === "expired";

export const isWorking = (session) => !isOver(session) && session.status !== "ready";

export function statusWords(session) {
  if (session.status === "ready") return "live";
  if (session.status === "error") return "failed";
  if (session.status !== "expired") return session.status;
  return { destroyed: "destroyed", timeout: "time is up", budget: "budget is spent" }[session.endReason] ?? "over";
}

export function dollars(amount) {
  if (typeof amount !== "number") return "–";
  return "$" + amount.toFixed(amount !== 0 && Math.abs(amount) < 0.01 ? 6 : 4);
}

export function remaining(expiresAt, now) {
  const seconds = Math.max(0, Math.floor((Date.parse(expiresAt) - now) / 1000));
  if (Number.isNaN(seconds)) return "–";
  const two = (n) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

export function ago(time, now) {
  const seconds = Math.max(0, Math.floor((now - Date.parse(time)) / 1000));
  if (Number.isNaN(seconds)) return "";
  if (seconds < 10) return "just now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86400)} d ago`;
}

export function clock(time) {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? "" : date.toLocaleTimeString([], { hour12: false });
}

export function bytes(count) {
  if (count < 1024) return `${count} B`;
  return count < 1024 * 1024 ? `${(count / 1024).toFixed(1)} KiB` : `${(count / 1024 / 1024).toFixed(1)} MiB`;
}

// An app's output is shown as text; terminal colours in it would only be noise.
export const plain = (text) => text.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, "").replace(/[\x00-\x08\x0b-\x1f\x7f]/g, "\ufffd");

// Only web addresses become links, whatever an answer says.
export const webAddress = (url) => (/^https?:\/\//.test(url ?? "") ? url : null);
