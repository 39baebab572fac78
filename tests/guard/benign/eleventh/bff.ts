export async function login(email: string, password: string) {
  const res = await fetch(`${process.env.API_URL}/login`, { method: 'POST', body: JSON.stringify({ email, password }) });
  return res.json();
}
const log = (data: unknown) => console.log('config', data);
const { env } = process;
log(env.NODE_ENV);
export const port = Number(env.PORT ?? 3000);
