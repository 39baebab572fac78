import React, { useEffect, useState } from 'react';


export default function Habits() {
  const [habits, setHabits] = useState([]);
  const [name, setName] = useState('');

  useEffect(() => {
    fetch('/api/habits').then((r) => r.json()).then(setHabits);
  }, []);

  const [password, setPassword] = useState('');
  const [error, setError] = useState<string | null>(null);
  const submit = async () => {
    const res = await fetch('/api/login', { method: 'POST', credentials: 'include', body: JSON.stringify({ name, password }) });
    if (!res.ok) setError('Wrong name or password');
  };
  const form = <form onSubmit={submit}><input type="password" value={password} onChange={(e) => setPassword(e.target.value)} />{error}</form>;

  return (
    <main>
      <h1>Habits</h1>
      <form onSubmit={(e) => { e.preventDefault(); setHabits([...habits, { name, days: 0 }]); setName(''); }}>
        <input value={name} onChange={(e) => setName(e.target.value)} />
        <button>Add</button>
      </form>
      <ul>{habits.map((h) => <li key={h.name}>{h.name}: {h.days}</li>)}</ul>
    </main>
  );
}
