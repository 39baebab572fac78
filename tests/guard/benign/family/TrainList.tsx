import { useEffect, useMemo, useState } from 'react';

interface Train { id: number; line: string; from: string; to: string }

export function TrainList({ url = '/api/trains' }: { url?: string }) {
  const [rows, setRows] = useState<Train[]>([]);
  const [filter, setFilter] = useState(localStorage.getItem('train-filter') ?? '');
  useEffect(() => {
    const stop = new AbortController();
    fetch(url, { signal: stop.signal }).then((r) => r.json()).then(setRows).catch(console.warn);
    return () => stop.abort();
  }, [url]);
  useEffect(() => localStorage.setItem('train-filter', filter), [filter]);
  const shown = useMemo(() => rows.filter((x) => x.line.includes(filter)), [rows, filter]);
  return (
    <section>
      <h2>Trains you've made</h2>
      <input value={filter} onChange={(e) => setFilter(e.target.value)} placeholder="line" />
      {shown.length === 0 ? <p>Nothing here &mdash; yet.</p> : null}
      <table><tbody>{shown.map((x) => <tr key={x.id}><td>{x.line}</td><td>{x.from}</td></tr>)}</tbody></table>
    </section>
  );
}
