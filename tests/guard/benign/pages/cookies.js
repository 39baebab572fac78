export const setCookie = (k, v, days = 30) => { document.cookie = `${k}=${encodeURIComponent(v)}; max-age=${days * 86400}; path=/`; };
export const getCookie = (k) => document.cookie.split('; ').find((c) => c.startsWith(k + '='))?.split('=')[1];
const theme = getCookie('theme') || 'light';
document.documentElement.dataset.theme = theme;
