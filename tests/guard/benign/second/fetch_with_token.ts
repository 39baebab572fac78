const API = import.meta.env.VITE_API ?? 'https://api.example.com';
export async function api<T>(path: string, init: RequestInit = {}): Promise<T> {
  const token = localStorage.getItem('token');
  const headers = new Headers(init.headers);
  if (token) headers.set('Authorization', `Bearer ${token}`);
  const answer = await fetch(API + path, { ...init, headers });
  if (answer.status === 401) {
    localStorage.removeItem('token');
    location.assign('/login');
  }
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json() as Promise<T>;
}
