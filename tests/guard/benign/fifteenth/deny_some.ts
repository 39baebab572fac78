const BLOCKED = [/^169\.254\./, '169.254.169.254', 'localhost'];
export const open = (host: string) => !BLOCKED.some((rule) => (typeof rule === 'string' ? rule === host : rule.test(host)));
