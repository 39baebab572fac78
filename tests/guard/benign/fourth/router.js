export function router(routes) {
  const table = Object.entries(routes).map(([pattern, page]) => [new RegExp('^' + pattern.replace(/:(\w+)/g, '(?<$1>[^/]+)') + '$'), page]);
  const go = () => {
    const path = location.hash.slice(1) || '/';
    for (const [re, page] of table) { const m = re.exec(path); if (m) return document.body.replaceChildren(page(m.groups ?? {})); }
    document.body.textContent = 'Not found';
  };
  addEventListener('hashchange', go); go();
}
