import { type SpawnOptions, spawn } from "child_process";
const options: SpawnOptions = { stdio: "inherit", shell: true };
export const open = (what: string) => spawn(what, [], options);
