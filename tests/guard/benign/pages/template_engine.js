export function render(template, data) {
  return template.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, key) => data[key] ?? '');
}
const re = /(\d+)-(\d+)/g; let m;
while ((m = re.exec('1-2 3-4'))) console.log(m[1], m.index);
