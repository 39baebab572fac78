import { useState } from 'react';
export default function SignUp({ onDone }) {
  const [form, setForm] = useState({ email: '', password: '', repeat: '' });
  const [error, setError] = useState(null);
  const field = (name, type = 'text') => (
    <label>{name}<input type={type} name={name} value={form[name]} onChange={(e) => setForm({ ...form, [name]: e.target.value })} /></label>
  );
  async function submit(event) {
    event.preventDefault();
    if (form.password !== form.repeat) return setError('The passwords differ.');
    const answer = await fetch('/api/signup', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(form) });
    if (!answer.ok) return setError((await answer.json()).message);
    localStorage.setItem('token', (await answer.json()).token);
    onDone();
  }
  return <form onSubmit={submit}>{field('email', 'email')}{field('password', 'password')}{field('repeat', 'password')}{error && <p role="alert">{error}</p>}<button>Sign up</button></form>;
}
