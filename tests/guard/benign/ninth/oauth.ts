export function login() {
  const p = new URLSearchParams({ client_id: import.meta.env.VITE_CLIENT_ID, redirect_uri: location.origin + '/cb', response_type: 'code', scope: 'openid' });
  location.href = `https://accounts.google.com/o/oauth2/v2/auth?${p}`;
}
