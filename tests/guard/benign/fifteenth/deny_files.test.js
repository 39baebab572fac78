const { test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const { resolve } = require('../files');
test('stays below its folder', () => {
  assert.throws(() => resolve('/etc/passwd'));
  assert.throws(() => resolve('../../etc/shadow'));
  assert.strictEqual(fs.existsSync('uploads/passwd'), false);
});
