import { test } from 'node:test';
import assert from 'node:assert/strict';
import { app } from './server.js';
test('adds a note', async (t) => {
  const server = app.listen(0);
  t.after(() => server.close());
  const base = `http://127.0.0.1:${server.address().port}`;
  const res = await fetch(base + '/api/notes', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"text":"x"}' });
  assert.equal(res.status, 201);
});
