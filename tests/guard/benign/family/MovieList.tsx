import { useEffect, useMemo, useState } from 'react';

interface Movie { id: number; title: string; director: string; rating: string }

export function MovieList({ url = '/api/movies' }: { url?: string }) {
  const [rows, setRows] = useState<Movie[]>([]);
  const [filter, setFilter] = useState(localStorage.getItem('movie-filter') ?? '');
  useEffect(() => {
    const stop = new AbortController();
    fetch(url, { signal: stop.signal }).then((r) => r.json()).then(setRows).catch(console.warn);
    return () => stop.abort();
  }, [url]);
  useEffect(() => localStorage.setItem('movie-filter', filter), [filter]);
  const shown = useMemo(() => rows.filter((x) => x.title.includes(filter)), [rows, filter]);
  return (
    <section>
      <h2>Movies you've saved</h2>
      <input value={filter} onChange={(e) => setFilter(e.target.value)} placeholder="title" />
      {shown.length === 0 ? <p>Nothing here &mdash; yet.</p> : null}
      <table><tbody>{shown.map((x) => <tr key={x.id}><td>{x.title}</td><td>{x.director}</td></tr>)}</tbody></table>
    </section>
  );
}
