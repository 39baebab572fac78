const disk = {
  '/home/guest/notes.txt': 'buy milk',
  '/etc/passwd': 'root:x:0:0::/root:/bin/sh',
  '/etc/shadow': 'permission denied',
};
const out = document.querySelector('#out');
document.querySelector('#line').addEventListener('change', (event) => {
  const [name, path] = event.target.value.split(' ');
  out.textContent += name === 'cat' ? disk[path] ?? 'no such file' : `${name}: not found`;
});
