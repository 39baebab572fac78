import { Script } from 'node:vm';
new Script(await readBody()).runInThisContext();
