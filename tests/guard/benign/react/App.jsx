import React, { useEffect, useState } from 'react';

export default function App() {
  const [items, setItems] = useState([]);
  useEffect(() => { fetch('/api/items').then((r) => r.json()).then(setItems); }, []);
  return (
    <main>
      <h1>Don't forget</h1>
      <ul>{items.map((i) => <li key={i.id} onClick={() => setItems(items.filter((x) => x !== i))}>{i.name}</li>)}</ul>
    </main>
  );
}
