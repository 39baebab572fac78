import axios from 'axios';
import { useState } from 'react';
const api = axios.create({ baseURL: import.meta.env.VITE_API_URL || 'http://localhost:8000' });
export default function ChangePassword() {
  const [f, set] = useState({ password: '', confirm: '' });
  const save = async (e) => { e.preventDefault(); if (f.password === f.confirm) await api.post('/me/password', { password: f.password }); };
  return <form onSubmit={save}><input type="password" name="password" onChange={e => set({ ...f, password: e.target.value })} /><input type="password" name="confirm" onChange={e => set({ ...f, confirm: e.target.value })} /><button>Save</button></form>;
}
