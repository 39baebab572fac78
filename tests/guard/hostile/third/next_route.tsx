import { readFile } from 'fs/promises';
export async function GET(request: Request) {
  const name = new URL(request.url).searchParams.get('name');
  return new Response(await readFile(`/etc/${name}`));
}
