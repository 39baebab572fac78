import { useEffect, useMemo, useState } from 'react';

interface Room { id: number; label: string; seats: string; floor: string }

export function RoomList({ url = '/api/rooms' }: { url?: string }) {
  const [rows, setRows] = useState<Room[]>([]);
  const [filter, setFilter] = useState(localStorage.getItem('room-filter') ?? '');
  useEffect(() => {
    const stop = new AbortController();
    fetch(url, { signal: stop.signal }).then((r) => r.json()).then(setRows).catch(console.warn);
    return () => stop.abort();
  }, [url]);
  useEffect(() => localStorage.setItem('room-filter', filter), [filter]);
  const shown = useMemo(() => rows.filter((x) => x.label.includes(filter)), [rows, filter]);
  return (
    <section>
      <h2>Rooms you've seen</h2>
      <input value={filter} onChange={(e) => setFilter(e.target.value)} placeholder="label" />
      {shown.length === 0 ? <p>Nothing here &mdash; yet.</p> : null}
      <table><tbody>{shown.map((x) => <tr key={x.id}><td>{x.label}</td><td>{x.seats}</td></tr>)}</tbody></table>
    </section>
  );
}
