import { useEffect, useMemo, useState } from 'react';

interface Star { id: number; name: string; magnitude: string; distance: string }

export function StarList({ url = '/api/stars' }: { url?: string }) {
  const [rows, setRows] = useState<Star[]>([]);
  const [filter, setFilter] = useState(localStorage.getItem('star-filter') ?? '');
  useEffect(() => {
    const stop = new AbortController();
    fetch(url, { signal: stop.signal }).then((r) => r.json()).then(setRows).catch(console.warn);
    return () => stop.abort();
  }, [url]);
  useEffect(() => localStorage.setItem('star-filter', filter), [filter]);
  const shown = useMemo(() => rows.filter((x) => x.name.includes(filter)), [rows, filter]);
  return (
    <section>
      <h2>Stars you've seen</h2>
      <input value={filter} onChange={(e) => setFilter(e.target.value)} placeholder="name" />
      {shown.length === 0 ? <p>Nothing here &mdash; yet.</p> : null}
      <table><tbody>{shown.map((x) => <tr key={x.id}><td>{x.name}</td><td>{x.magnitude}</td></tr>)}</tbody></table>
    </section>
  );
}
