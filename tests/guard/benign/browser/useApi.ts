import { useCallback, useEffect, useRef, useState } from 'react';

type State<T> = { data: T | null; error: Error | null; loading: boolean };

export function useApi<T>(path: string, options: RequestInit = {}): State<T> & { reload: () => void } {
  const [state, setState] = useState<State<T>>({ data: null, error: null, loading: true });
  const latest = useRef(0);
  const load = useCallback(async (signal?: AbortSignal) => {
    const ticket = ++latest.current;
    setState((known) => ({ ...known, loading: true }));
    try {
      const base = import.meta.env.VITE_API_URL ?? '';
      const answer = await fetch(`${base}${path}`, { ...options, signal });
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
      const data = (await answer.json()) as T;
      if (ticket === latest.current) setState({ data, error: null, loading: false });
    } catch (error) {
      if (ticket === latest.current && !(error instanceof DOMException)) {
        setState({ data: null, error: error as Error, loading: false });
      }
    }
  }, [path]);
  useEffect(() => {
    const controller = new AbortController();
    void load(controller.signal);
    return () => controller.abort();
  }, [load]);
  return { ...state, reload: () => void load() };
}
