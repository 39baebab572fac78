// Templates are split and filled, never compiled to code.
const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text) => String(text).replace(/[&<>"']/g, (letter) => escapes[letter]);
const lookup = (data, path) => path.split('.').reduce((value, key) => value?.[key], data);

export function render(template, data) {
  return template
    .replace(/{{#each (\S+)}}([\s\S]*?){{\/each}}/g, (_, path, inner) => (lookup(data, path) ?? []).map((item) => render(inner, { ...data, this: item })).join(''))
    .replace(/{{#if (\S+)}}([\s\S]*?){{\/if}}/g, (_, path, inner) => (lookup(data, path) ? render(inner, data) : ''))
    .replace(/{{{(\S+?)}}}/g, (_, path) => lookup(data, path) ?? '')
    .replace(/{{(\S+?)}}/g, (_, path) => escape(lookup(data, path) ?? ''));
}

export const html = (strings, ...values) => strings.reduce((all, part, index) => all + part + (index < values.length ? escape(values[index]) : ''), '');
console.log(render('<ul>{{#each items}}<li>{{this.name}}</li>{{/each}}</ul>', { items: [{ name: '<b>' }, { name: 'x' }] }));
console.log(html`<p>${'<script>alert(1)</script>'}</p>`);
