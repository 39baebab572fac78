import { useEffect, useMemo, useState } from 'react';

interface Player { id: number; nick: string; score: string; level: string }

export function PlayerList({ url = '/api/players' }: { url?: string }) {
  const [rows, setRows] = useState<Player[]>([]);
  const [filter, setFilter] = useState(localStorage.getItem('player-filter') ?? '');
  useEffect(() => {
    const stop = new AbortController();
    fetch(url, { signal: stop.signal }).then((r) => r.json()).then(setRows).catch(console.warn);
    return () => stop.abort();
  }, [url]);
  useEffect(() => localStorage.setItem('player-filter', filter), [filter]);
  const shown = useMemo(() => rows.filter((x) => x.nick.includes(filter)), [rows, filter]);
  return (
    <section>
      <h2>Players you've saved</h2>
      <input value={filter} onChange={(e) => setFilter(e.target.value)} placeholder="nick" />
      {shown.length === 0 ? <p>Nothing here &mdash; yet.</p> : null}
      <table><tbody>{shown.map((x) => <tr key={x.id}><td>{x.nick}</td><td>{x.score}</td></tr>)}</tbody></table>
    </section>
  );
}
