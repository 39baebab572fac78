import { readdir } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export interface Plugin { name: string; run(text: string): string }

const folder = join(dirname(fileURLToPath(import.meta.url)), 'plugins');

export async function plugins(): Promise<Plugin[]> {
  const names = (await readdir(folder)).filter((name) => extname(name) === '.js').sort();
  const loaded = await Promise.all(names.map((name) => import(pathToFileURL(join(folder, name)).href)));
  return loaded.map((module) => module.default as Plugin);
}

const text = process.argv.slice(2).join(' ');
console.log((await plugins()).reduce((value, plugin) => plugin.run(value), text));
