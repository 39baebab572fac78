import { useEffect, useMemo, useState } from 'react';

interface City { id: number; name: string; country: string; people: string }

export function CityList({ url = '/api/citys' }: { url?: string }) {
  const [rows, setRows] = useState<City[]>([]);
  const [filter, setFilter] = useState(localStorage.getItem('city-filter') ?? '');
  useEffect(() => {
    const stop = new AbortController();
    fetch(url, { signal: stop.signal }).then((r) => r.json()).then(setRows).catch(console.warn);
    return () => stop.abort();
  }, [url]);
  useEffect(() => localStorage.setItem('city-filter', filter), [filter]);
  const shown = useMemo(() => rows.filter((x) => x.name.includes(filter)), [rows, filter]);
  return (
    <section>
      <h2>Citys you've saved</h2>
      <input value={filter} onChange={(e) => setFilter(e.target.value)} placeholder="name" />
      {shown.length === 0 ? <p>Nothing here &mdash; yet.</p> : null}
      <table><tbody>{shown.map((x) => <tr key={x.id}><td>{x.name}</td><td>{x.country}</td></tr>)}</tbody></table>
    </section>
  );
}
