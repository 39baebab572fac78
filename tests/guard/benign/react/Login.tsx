import { FormEvent, useState } from 'react';

type Props = { onLogin: (token: string) => void };

export function Login({ onLogin }: Props) {
  const [error, setError] = useState<string | null>(null);
  async function submit(e: FormEvent<HTMLFormElement>) {
    e.preventDefault();
    const data = Object.fromEntries(new FormData(e.currentTarget));
    const res = await fetch('/api/login', { method: 'POST', body: JSON.stringify(data) });
    if (!res.ok) return setError('Wrong password');
    const { token } = await res.json();
    localStorage.setItem('token', token);
    onLogin(token);
  }
  return <form onSubmit={submit}><input name="email" /><input type="password" name="password" />{error && <p>{error}</p>}<button>Log in</button></form>;
}
