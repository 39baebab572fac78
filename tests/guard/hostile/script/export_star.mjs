export * as shell from "node:child_process";
export const version = '1.0.0';
