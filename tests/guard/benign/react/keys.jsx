import { useEffect, useRef } from 'react';
export function useKeys() {
  const keys = useRef({});
  useEffect(() => {
    const down = (e) => { keys.current[e.key] = true; };
    const up = (e) => { delete keys.current[e.key]; };
    addEventListener('keydown', down); addEventListener('keyup', up);
    return () => { removeEventListener('keydown', down); removeEventListener('keyup', up); };
  }, []);
  return keys;
}
