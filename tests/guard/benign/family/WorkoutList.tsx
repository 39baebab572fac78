import { useEffect, useMemo, useState } from 'react';

interface Workout { id: number; kind: string; reps: string; weight: string }

export function WorkoutList({ url = '/api/workouts' }: { url?: string }) {
  const [rows, setRows] = useState<Workout[]>([]);
  const [filter, setFilter] = useState(localStorage.getItem('workout-filter') ?? '');
  useEffect(() => {
    const stop = new AbortController();
    fetch(url, { signal: stop.signal }).then((r) => r.json()).then(setRows).catch(console.warn);
    return () => stop.abort();
  }, [url]);
  useEffect(() => localStorage.setItem('workout-filter', filter), [filter]);
  const shown = useMemo(() => rows.filter((x) => x.kind.includes(filter)), [rows, filter]);
  return (
    <section>
      <h2>Workouts you've saved</h2>
      <input value={filter} onChange={(e) => setFilter(e.target.value)} placeholder="kind" />
      {shown.length === 0 ? <p>Nothing here &mdash; yet.</p> : null}
      <table><tbody>{shown.map((x) => <tr key={x.id}><td>{x.kind}</td><td>{x.reps}</td></tr>)}</tbody></table>
    </section>
  );
}
