import test from 'node:test';
import assert from 'node:assert/strict';
import { app } from './app.js';

test('refuses scripts in names', async (t) => {
  const server = app.listen(0);
  t.after(() => server.close());
  const base = `http://127.0.0.1:${server.address().port}`;
  const answer = await fetch(`${base}/users`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name: '<img src=x onerror=eval(1)>' }) });
  assert.equal(answer.status, 400);
  await t.test('and traversal', async () => {
    assert.equal((await fetch(`${base}/files/..%2f..%2fetc%2fpasswd`)).status, 404);
  });
});
