import React, { useEffect, useState } from 'react';
import { createContext, useContext } from 'react';

export default function Habits() {
  const [habits, setHabits] = useState([]);
  const [name, setName] = useState('');

  useEffect(() => {
    fetch('/api/habits').then((r) => r.json()).then(setHabits);
  }, []);

  const saved = JSON.parse(localStorage.getItem('habits') || '[]');
  useEffect(() => { localStorage.setItem('habits', JSON.stringify(habits)); }, [habits]);
  useEffect(() => { document.title = `${habits.length + saved.length} habits`; const id = setInterval(() => setName((n) => n), 1000); return () => clearInterval(id); }, [habits]);

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
