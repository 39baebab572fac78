import React, { useEffect, useState } from 'react';


export default function Habits() {
  const [habits, setHabits] = useState([]);
  const [name, setName] = useState('');

  useEffect(() => {
    fetch('/api/habits').then((r) => r.json()).then(setHabits);
  }, []);

  const upload = async (file) => {
    const form = new FormData();
    form.append('file', file);
    await fetch('/api/upload', { method: 'POST', body: form });
  };
  const input = <input type="file" onChange={(e) => upload(e.target.files[0])} />;

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
