import { useEffect, useMemo, useState } from 'react';

interface Habit { id: number; name: string; streak: string; goal: string }

export function HabitList({ url = '/api/habits' }: { url?: string }) {
  const [rows, setRows] = useState<Habit[]>([]);
  const [filter, setFilter] = useState(localStorage.getItem('habit-filter') ?? '');
  useEffect(() => {
    const stop = new AbortController();
    fetch(url, { signal: stop.signal }).then((r) => r.json()).then(setRows).catch(console.warn);
    return () => stop.abort();
  }, [url]);
  useEffect(() => localStorage.setItem('habit-filter', filter), [filter]);
  const shown = useMemo(() => rows.filter((x) => x.name.includes(filter)), [rows, filter]);
  return (
    <section>
      <h2>Habits you've seen</h2>
      <input value={filter} onChange={(e) => setFilter(e.target.value)} placeholder="name" />
      {shown.length === 0 ? <p>Nothing here &mdash; yet.</p> : null}
      <table><tbody>{shown.map((x) => <tr key={x.id}><td>{x.name}</td><td>{x.streak}</td></tr>)}</tbody></table>
    </section>
  );
}
