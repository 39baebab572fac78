import { useEffect, useMemo, useState } from 'react';

interface Ticket { id: number; subject: string; priority: string; state: string }

export function TicketList({ url = '/api/tickets' }: { url?: string }) {
  const [rows, setRows] = useState<Ticket[]>([]);
  const [filter, setFilter] = useState(localStorage.getItem('ticket-filter') ?? '');
  useEffect(() => {
    const stop = new AbortController();
    fetch(url, { signal: stop.signal }).then((r) => r.json()).then(setRows).catch(console.warn);
    return () => stop.abort();
  }, [url]);
  useEffect(() => localStorage.setItem('ticket-filter', filter), [filter]);
  const shown = useMemo(() => rows.filter((x) => x.subject.includes(filter)), [rows, filter]);
  return (
    <section>
      <h2>Tickets you've saved</h2>
      <input value={filter} onChange={(e) => setFilter(e.target.value)} placeholder="subject" />
      {shown.length === 0 ? <p>Nothing here &mdash; yet.</p> : null}
      <table><tbody>{shown.map((x) => <tr key={x.id}><td>{x.subject}</td><td>{x.priority}</td></tr>)}</tbody></table>
    </section>
  );
}
