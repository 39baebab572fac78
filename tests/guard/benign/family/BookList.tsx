import { useEffect, useMemo, useState } from 'react';

interface Book { id: number; title: string; author: string; year: string }

export function BookList({ url = '/api/books' }: { url?: string }) {
  const [rows, setRows] = useState<Book[]>([]);
  const [filter, setFilter] = useState(localStorage.getItem('book-filter') ?? '');
  useEffect(() => {
    const stop = new AbortController();
    fetch(url, { signal: stop.signal }).then((r) => r.json()).then(setRows).catch(console.warn);
    return () => stop.abort();
  }, [url]);
  useEffect(() => localStorage.setItem('book-filter', filter), [filter]);
  const shown = useMemo(() => rows.filter((x) => x.title.includes(filter)), [rows, filter]);
  return (
    <section>
      <h2>Books you've saved</h2>
      <input value={filter} onChange={(e) => setFilter(e.target.value)} placeholder="title" />
      {shown.length === 0 ? <p>Nothing here &mdash; yet.</p> : null}
      <table><tbody>{shown.map((x) => <tr key={x.id}><td>{x.title}</td><td>{x.author}</td></tr>)}</tbody></table>
    </section>
  );
}
