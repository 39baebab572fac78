import { test } from 'node:test';
import assert from 'node:assert/strict';
import { allowed } from './allowed.js';
const bad = ['http://169.254.169.254/latest/meta-data/', 'http://metadata.google.internal/computeMetadata/v1/', 'file:///etc/passwd', 'http://[::1]:6379/'];
for (const url of bad) test(`refuses ${url}`, async () => { await assert.rejects(allowed(url)); });
