import { useEffect, useMemo, useState } from 'react';

interface Invoice { id: number; number: string; total: string; due: string }

export function InvoiceList({ url = '/api/invoices' }: { url?: string }) {
  const [rows, setRows] = useState<Invoice[]>([]);
  const [filter, setFilter] = useState(localStorage.getItem('invoice-filter') ?? '');
  useEffect(() => {
    const stop = new AbortController();
    fetch(url, { signal: stop.signal }).then((r) => r.json()).then(setRows).catch(console.warn);
    return () => stop.abort();
  }, [url]);
  useEffect(() => localStorage.setItem('invoice-filter', filter), [filter]);
  const shown = useMemo(() => rows.filter((x) => x.number.includes(filter)), [rows, filter]);
  return (
    <section>
      <h2>Invoices you've saved</h2>
      <input value={filter} onChange={(e) => setFilter(e.target.value)} placeholder="number" />
      {shown.length === 0 ? <p>Nothing here &mdash; yet.</p> : null}
      <table><tbody>{shown.map((x) => <tr key={x.id}><td>{x.number}</td><td>{x.total}</td></tr>)}</tbody></table>
    </section>
  );
}
