import { useEffect, useMemo, useState } from 'react';

interface Song { id: number; title: string; artist: string; seconds: string }

export function SongList({ url = '/api/songs' }: { url?: string }) {
  const [rows, setRows] = useState<Song[]>([]);
  const [filter, setFilter] = useState(localStorage.getItem('song-filter') ?? '');
  useEffect(() => {
    const stop = new AbortController();
    fetch(url, { signal: stop.signal }).then((r) => r.json()).then(setRows).catch(console.warn);
    return () => stop.abort();
  }, [url]);
  useEffect(() => localStorage.setItem('song-filter', filter), [filter]);
  const shown = useMemo(() => rows.filter((x) => x.title.includes(filter)), [rows, filter]);
  return (
    <section>
      <h2>Songs you've saved</h2>
      <input value={filter} onChange={(e) => setFilter(e.target.value)} placeholder="title" />
      {shown.length === 0 ? <p>Nothing here &mdash; yet.</p> : null}
      <table><tbody>{shown.map((x) => <tr key={x.id}><td>{x.title}</td><td>{x.artist}</td></tr>)}</tbody></table>
    </section>
  );
}
