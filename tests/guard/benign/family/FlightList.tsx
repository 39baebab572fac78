import { useEffect, useMemo, useState } from 'react';

interface Flight { id: number; code: string; gate: string; delay: string }

export function FlightList({ url = '/api/flights' }: { url?: string }) {
  const [rows, setRows] = useState<Flight[]>([]);
  const [filter, setFilter] = useState(localStorage.getItem('flight-filter') ?? '');
  useEffect(() => {
    const stop = new AbortController();
    fetch(url, { signal: stop.signal }).then((r) => r.json()).then(setRows).catch(console.warn);
    return () => stop.abort();
  }, [url]);
  useEffect(() => localStorage.setItem('flight-filter', filter), [filter]);
  const shown = useMemo(() => rows.filter((x) => x.code.includes(filter)), [rows, filter]);
  return (
    <section>
      <h2>Flights you've made</h2>
      <input value={filter} onChange={(e) => setFilter(e.target.value)} placeholder="code" />
      {shown.length === 0 ? <p>Nothing here &mdash; yet.</p> : null}
      <table><tbody>{shown.map((x) => <tr key={x.id}><td>{x.code}</td><td>{x.gate}</td></tr>)}</tbody></table>
    </section>
  );
}
