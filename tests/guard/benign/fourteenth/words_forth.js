const stack = [];
const words = {
  emit: () => process.stdout.write(String.fromCharCode(stack.pop())),
  dup: () => stack.push(stack.at(-1)),
  '+': () => stack.push(stack.pop() + stack.pop()),
};
process.stdin.on('data', (data) => {
  for (const token of String(data).trim().split(/\s+/)) {
    if (Object.hasOwn(words, token)) words[token]();
    else stack.push(Number(token));
  }
});
