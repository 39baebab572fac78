import { useEffect, useState } from 'react';
export function Search() {
  const [q, setQ] = useState(''); const [hits, setHits] = useState<{ id: number; title: string }[]>([]);
  useEffect(() => {
    const c = new AbortController();
    const t = setTimeout(() => fetch(`https://api.github.com/search/repositories?q=${encodeURIComponent(q)}`, { signal: c.signal }).then(r => r.json()).then(d => setHits(d.items ?? [])).catch(() => {}), 300);
    return () => { clearTimeout(t); c.abort(); };
  }, [q]);
  return <><input value={q} onChange={e => setQ(e.target.value)} onKeyDown={({ key }) => key === 'Escape' && setQ('')} /><ul>{hits.map(({ id, title }) => <li key={id}>{title}</li>)}</ul></>;
}
