import { useEffect, useMemo, useState } from 'react';

const TEXTS = ['The quick brown fox jumps over the lazy dog.', 'Pack my box with five dozen liquor jugs.'];

export default function TypingTest() {
  const [index, setIndex] = useState(0);
  const [typed, setTyped] = useState('');
  const [started, setStarted] = useState(null);
  const text = TEXTS[index];

  useEffect(() => {
    const onKey = (event) => {
      if (event.metaKey || event.ctrlKey) return;
      if (event.key === 'Backspace') setTyped((value) => value.slice(0, -1));
      else if (event.key.length === 1) {
        setStarted((value) => value ?? Date.now());
        setTyped((value) => value + event.key);
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);

  const speed = useMemo(() => {
    if (!started || typed.length < 5) return 0;
    return Math.round((typed.length / 5) / ((Date.now() - started) / 60000));
  }, [typed, started]);

  const done = typed.length >= text.length;
  return (
    <div className="typing">
      <p>{[...text].map((letter, at) => (
        <span key={at} className={at < typed.length ? (typed[at] === letter ? 'right' : 'wrong') : ''}>{letter}</span>
      ))}</p>
      <p>{speed} words per minute</p>
      {done && <button onClick={() => { setTyped(''); setStarted(null); setIndex((index + 1) % TEXTS.length); }}>Next</button>}
    </div>
  );
}
