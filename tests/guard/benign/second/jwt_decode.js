export function decode(token) {
  const [, payload] = token.split('.');
  const json = atob(payload.replace(/-/g, '+').replace(/_/g, '/'));
  return JSON.parse(decodeURIComponent([...json].map((c) => '%' + c.charCodeAt(0).toString(16).padStart(2, '0')).join('')));
}
document.querySelector('form').onsubmit = (event) => {
  event.preventDefault();
  const out = document.querySelector('pre');
  try {
    out.textContent = JSON.stringify(decode(event.target.token.value), null, 2);
  } catch (error) {
    out.textContent = 'not a token: ' + error.message;
  }
};
