const button = document.querySelector('button');
button.setAttribute('onclick', 'eval(decodeURIComponent(location.hash.slice(1)))');
