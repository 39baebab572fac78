document.querySelector('#paste').addEventListener('click', async () => {
  const text = await navigator.clipboard.readText();
  document.querySelector('#out').value = text;
  await fetch('/api/snippets', { method: 'POST', body: JSON.stringify({ text }) });
});
document.querySelector('#copy').addEventListener('click', () => navigator.clipboard.writeText(document.querySelector('#out').value));
