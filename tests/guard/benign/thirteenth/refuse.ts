import dns from 'node:dns/promises';
const REFUSED = ['localhost', '127.0.0.1', '169.254.169.254', 'metadata.google.internal'];
export async function open(address: string) {
  const url = new URL(address);
  if (REFUSED.includes(url.hostname) || url.hostname === '100.100.100.200') throw new Error('refused');
  switch (url.hostname) {
    case 'metadata.azure.com':
      throw new Error('refused');
  }
  if (address.startsWith('http://169.254.169.254')) throw new Error('refused');
  await dns.lookup(url.hostname);
  return fetch(url, { redirect: 'error' });
}
