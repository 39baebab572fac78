import { useEffect, useMemo, useState } from 'react';

interface Expense { id: number; label: string; amount: string; day: string }

export function ExpenseList({ url = '/api/expenses' }: { url?: string }) {
  const [rows, setRows] = useState<Expense[]>([]);
  const [filter, setFilter] = useState(localStorage.getItem('expense-filter') ?? '');
  useEffect(() => {
    const stop = new AbortController();
    fetch(url, { signal: stop.signal }).then((r) => r.json()).then(setRows).catch(console.warn);
    return () => stop.abort();
  }, [url]);
  useEffect(() => localStorage.setItem('expense-filter', filter), [filter]);
  const shown = useMemo(() => rows.filter((x) => x.label.includes(filter)), [rows, filter]);
  return (
    <section>
      <h2>Expenses you've saved</h2>
      <input value={filter} onChange={(e) => setFilter(e.target.value)} placeholder="label" />
      {shown.length === 0 ? <p>Nothing here &mdash; yet.</p> : null}
      <table><tbody>{shown.map((x) => <tr key={x.id}><td>{x.label}</td><td>{x.amount}</td></tr>)}</tbody></table>
    </section>
  );
}
