import { useEffect, useMemo, useState } from 'react';

interface Course { id: number; title: string; hours: string; teacher: string }

export function CourseList({ url = '/api/courses' }: { url?: string }) {
  const [rows, setRows] = useState<Course[]>([]);
  const [filter, setFilter] = useState(localStorage.getItem('course-filter') ?? '');
  useEffect(() => {
    const stop = new AbortController();
    fetch(url, { signal: stop.signal }).then((r) => r.json()).then(setRows).catch(console.warn);
    return () => stop.abort();
  }, [url]);
  useEffect(() => localStorage.setItem('course-filter', filter), [filter]);
  const shown = useMemo(() => rows.filter((x) => x.title.includes(filter)), [rows, filter]);
  return (
    <section>
      <h2>Courses you've seen</h2>
      <input value={filter} onChange={(e) => setFilter(e.target.value)} placeholder="title" />
      {shown.length === 0 ? <p>Nothing here &mdash; yet.</p> : null}
      <table><tbody>{shown.map((x) => <tr key={x.id}><td>{x.title}</td><td>{x.hours}</td></tr>)}</tbody></table>
    </section>
  );
}
