const BLOCKED = new Set(['169.254.169.254', 'metadata.google.internal', '[fd00:ec2::254]']);
export function mayFetch(text: string): boolean {
  const url = new URL(text);
  return url.protocol === 'https:' && !BLOCKED.has(url.hostname);
}
