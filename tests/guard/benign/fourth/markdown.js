const rules = [
  [/^(#{1,6})\s+(.*)$/, (m) => `<h${m[1].length}>${inline(m[2])}</h${m[1].length}>`],
  [/^>\s?(.*)$/, (m) => `<blockquote>${inline(m[1])}</blockquote>`],
];
function escape(text) { return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`); }
function inline(text) {
  const link = /\[([^\]]+)\]\(([^)\s]+)\)/g;
  let out = '', last = 0, hit;
  while ((hit = link.exec(text)) !== null) {
    out += escape(text.slice(last, hit.index));
    out += `<a href="${encodeURI(hit[2])}">${escape(hit[1])}</a>`;
    last = link.lastIndex;
  }
  return out + escape(text.slice(last));
}
export function render(source) {
  return source.split(/\n+/).map((line) => {
    for (const [pattern, make] of rules) { const m = pattern.exec(line); if (m) return make(m); }
    return `<p>${inline(line)}</p>`;
  }).join('\n');
}
