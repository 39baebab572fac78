import { useState } from 'react';
export default function Login({ onDone }: { onDone: () => void }) {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  async function submit(e: React.FormEvent) {
    e.preventDefault();
    const r = await fetch('/api/login', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ email, password }) });
    if (r.ok) onDone();
  }
  return (<form onSubmit={submit}><input value={email} onChange={e => setEmail(e.target.value)} /><input type="password" value={password} onChange={e => setPassword(e.target.value)} /><button>Sign in</button></form>);
}
