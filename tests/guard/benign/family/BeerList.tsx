import { useEffect, useMemo, useState } from 'react';

interface Beer { id: number; name: string; style: string; abv: string }

export function BeerList({ url = '/api/beers' }: { url?: string }) {
  const [rows, setRows] = useState<Beer[]>([]);
  const [filter, setFilter] = useState(localStorage.getItem('beer-filter') ?? '');
  useEffect(() => {
    const stop = new AbortController();
    fetch(url, { signal: stop.signal }).then((r) => r.json()).then(setRows).catch(console.warn);
    return () => stop.abort();
  }, [url]);
  useEffect(() => localStorage.setItem('beer-filter', filter), [filter]);
  const shown = useMemo(() => rows.filter((x) => x.name.includes(filter)), [rows, filter]);
  return (
    <section>
      <h2>Beers you've made</h2>
      <input value={filter} onChange={(e) => setFilter(e.target.value)} placeholder="name" />
      {shown.length === 0 ? <p>Nothing here &mdash; yet.</p> : null}
      <table><tbody>{shown.map((x) => <tr key={x.id}><td>{x.name}</td><td>{x.style}</td></tr>)}</tbody></table>
    </section>
  );
}
