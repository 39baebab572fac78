import { useEffect, useMemo, useState } from 'react';

interface Poll { id: number; question: string; yes: string; no: string }

export function PollList({ url = '/api/polls' }: { url?: string }) {
  const [rows, setRows] = useState<Poll[]>([]);
  const [filter, setFilter] = useState(localStorage.getItem('poll-filter') ?? '');
  useEffect(() => {
    const stop = new AbortController();
    fetch(url, { signal: stop.signal }).then((r) => r.json()).then(setRows).catch(console.warn);
    return () => stop.abort();
  }, [url]);
  useEffect(() => localStorage.setItem('poll-filter', filter), [filter]);
  const shown = useMemo(() => rows.filter((x) => x.question.includes(filter)), [rows, filter]);
  return (
    <section>
      <h2>Polls you've made</h2>
      <input value={filter} onChange={(e) => setFilter(e.target.value)} placeholder="question" />
      {shown.length === 0 ? <p>Nothing here &mdash; yet.</p> : null}
      <table><tbody>{shown.map((x) => <tr key={x.id}><td>{x.question}</td><td>{x.yes}</td></tr>)}</tbody></table>
    </section>
  );
}
