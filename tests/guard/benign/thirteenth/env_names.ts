const port = numeric(process.env, 'PORT');
export const api = text(process.env, 'API_URL');
function numeric(env: NodeJS.ProcessEnv, name: string) { return Number(env[name] ?? 0); }
function text(env: NodeJS.ProcessEnv, name: string) { return env[name] ?? ''; }
await fetch('https://api.example.com/start', { method: 'POST', body: JSON.stringify({ port, api }) });
