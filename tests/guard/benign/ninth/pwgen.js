const chars = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!@#$%^&*';
export function generate(n = 16) {
  const buf = new Uint32Array(n); crypto.getRandomValues(buf);
  return [...buf].map((x) => chars[x % chars.length]).join('');
}
export const caesar = (s, k) => s.replace(/[a-z]/g, (c) => String.fromCharCode((c.charCodeAt(0) - 97 + k) % 26 + 97));
