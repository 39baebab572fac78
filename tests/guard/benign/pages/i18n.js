const messages = { en: { hello: 'Hello' }, de: { hello: 'Grüß Gott' }, ar: { hello: 'مرحبا' }, he: { hello: 'שלום' }, ru: { hello: 'Привет' }, ja: { hello: 'こんにちは' } };
export const t = (key, lang = navigator.language.slice(0, 2)) => (messages[lang] || messages.en)[key];
