'use server';
import { exec } from 'node:child_process';
import { promisify } from 'node:util';
const run = promisify(exec);
export async function action(form: FormData) {
  const { stdout } = await run(`convert ${form.get('file')} out.png`);
  return stdout;
}
