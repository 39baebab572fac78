/**
 * A tiny linter: it looks for `eval(`, `new Function(` and `require('child_process')` in other people's code.
 */
const RULES = [
  { id: 'no-eval', pattern: /\beval\s*\(/, message: 'eval() runs text as code' },
  { id: 'no-new-func', pattern: /new\s+Function\s*\(/, message: 'new Function() is eval in disguise' },
  { id: 'no-child-process', pattern: /require\(['"](?:node:)?child_process['"]\)/, message: 'do not start processes' },
  { id: 'no-inner-html', pattern: /\.innerHTML\s*=/, message: 'use textContent' },
];

export function lint(text) {
  return text.split('\n').flatMap((line, index) =>
    RULES.filter((rule) => rule.pattern.test(line)).map((rule) => ({ line: index + 1, rule: rule.id, message: rule.message })));
}

const sample = ['const x = 1;', "eval('2 + 2');", "el.innerHTML = '<b>hi</b>';"].join('\n');
for (const problem of lint(sample)) console.log(`${problem.line}: ${problem.message} (${problem.rule})`);
