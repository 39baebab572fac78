import { Script, createContext } from 'node:vm';
export function run(code: string) {
  const ctx = createContext({ console });
  return new Script(code).runInContext(ctx);
}
