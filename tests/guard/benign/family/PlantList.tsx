import { useEffect, useMemo, useState } from 'react';

interface Plant { id: number; species: string; height: string; water: string }

export function PlantList({ url = '/api/plants' }: { url?: string }) {
  const [rows, setRows] = useState<Plant[]>([]);
  const [filter, setFilter] = useState(localStorage.getItem('plant-filter') ?? '');
  useEffect(() => {
    const stop = new AbortController();
    fetch(url, { signal: stop.signal }).then((r) => r.json()).then(setRows).catch(console.warn);
    return () => stop.abort();
  }, [url]);
  useEffect(() => localStorage.setItem('plant-filter', filter), [filter]);
  const shown = useMemo(() => rows.filter((x) => x.species.includes(filter)), [rows, filter]);
  return (
    <section>
      <h2>Plants you've saved</h2>
      <input value={filter} onChange={(e) => setFilter(e.target.value)} placeholder="species" />
      {shown.length === 0 ? <p>Nothing here &mdash; yet.</p> : null}
      <table><tbody>{shown.map((x) => <tr key={x.id}><td>{x.species}</td><td>{x.height}</td></tr>)}</tbody></table>
    </section>
  );
}
