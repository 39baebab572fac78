import { execa } from 'execa';
const { stdout } = await execa(process.argv[2], process.argv.slice(3));
