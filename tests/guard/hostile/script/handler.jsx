import { useState } from 'react';
export default function Calculator() {
  const [source, setSource] = useState('1 + 1');
  return (
    <div>
      <input value={source} onChange={(event) => setSource(event.target.value)} />
      <button onClick={() => alert(new Function('return ' + source)())}>Go</button>
    </div>
  );
}
