import { useEffect, useMemo, useState } from 'react';

interface Bird { id: number; name: string; wingspan: string; color: string }

export function BirdList({ url = '/api/birds' }: { url?: string }) {
  const [rows, setRows] = useState<Bird[]>([]);
  const [filter, setFilter] = useState(localStorage.getItem('bird-filter') ?? '');
  useEffect(() => {
    const stop = new AbortController();
    fetch(url, { signal: stop.signal }).then((r) => r.json()).then(setRows).catch(console.warn);
    return () => stop.abort();
  }, [url]);
  useEffect(() => localStorage.setItem('bird-filter', filter), [filter]);
  const shown = useMemo(() => rows.filter((x) => x.name.includes(filter)), [rows, filter]);
  return (
    <section>
      <h2>Birds you've saved</h2>
      <input value={filter} onChange={(e) => setFilter(e.target.value)} placeholder="name" />
      {shown.length === 0 ? <p>Nothing here &mdash; yet.</p> : null}
      <table><tbody>{shown.map((x) => <tr key={x.id}><td>{x.name}</td><td>{x.wingspan}</td></tr>)}</tbody></table>
    </section>
  );
}
