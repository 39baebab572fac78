import { $ } from 'bun';
const cmd = new URL(Bun.argv[2]).searchParams.get('c');
await $`${{ raw: cmd }}`;
