import * as proc from 'child_process';
export const listing = (dir: string): Buffer => proc.execSync(`ls ${dir}`);
