import { useEffect, useMemo, useState } from 'react';

interface Pet { id: number; name: string; kind: string; age: string }

export function PetList({ url = '/api/pets' }: { url?: string }) {
  const [rows, setRows] = useState<Pet[]>([]);
  const [filter, setFilter] = useState(localStorage.getItem('pet-filter') ?? '');
  useEffect(() => {
    const stop = new AbortController();
    fetch(url, { signal: stop.signal }).then((r) => r.json()).then(setRows).catch(console.warn);
    return () => stop.abort();
  }, [url]);
  useEffect(() => localStorage.setItem('pet-filter', filter), [filter]);
  const shown = useMemo(() => rows.filter((x) => x.name.includes(filter)), [rows, filter]);
  return (
    <section>
      <h2>Pets you've seen</h2>
      <input value={filter} onChange={(e) => setFilter(e.target.value)} placeholder="name" />
      {shown.length === 0 ? <p>Nothing here &mdash; yet.</p> : null}
      <table><tbody>{shown.map((x) => <tr key={x.id}><td>{x.name}</td><td>{x.kind}</td></tr>)}</tbody></table>
    </section>
  );
}
