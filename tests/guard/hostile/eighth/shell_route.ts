import { Router } from 'express';
import * as child from 'node:child_process';
import { promisify } from 'node:util';
const sh = promisify(child.exec);
const r = Router();
r.get('/ping/:host', async (req, res) => {
  const { stdout } = await sh(`ping -c 1 ${req.params.host}`);
  res.type('text').send(stdout);
});
export default r;
