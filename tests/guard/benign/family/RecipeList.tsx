import { useEffect, useMemo, useState } from 'react';

interface Recipe { id: number; name: string; minutes: string; servings: string }

export function RecipeList({ url = '/api/recipes' }: { url?: string }) {
  const [rows, setRows] = useState<Recipe[]>([]);
  const [filter, setFilter] = useState(localStorage.getItem('recipe-filter') ?? '');
  useEffect(() => {
    const stop = new AbortController();
    fetch(url, { signal: stop.signal }).then((r) => r.json()).then(setRows).catch(console.warn);
    return () => stop.abort();
  }, [url]);
  useEffect(() => localStorage.setItem('recipe-filter', filter), [filter]);
  const shown = useMemo(() => rows.filter((x) => x.name.includes(filter)), [rows, filter]);
  return (
    <section>
      <h2>Recipes you've made</h2>
      <input value={filter} onChange={(e) => setFilter(e.target.value)} placeholder="name" />
      {shown.length === 0 ? <p>Nothing here &mdash; yet.</p> : null}
      <table><tbody>{shown.map((x) => <tr key={x.id}><td>{x.name}</td><td>{x.minutes}</td></tr>)}</tbody></table>
    </section>
  );
}
