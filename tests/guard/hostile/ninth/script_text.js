const s = document.createElement('script');
s.appendChild(document.createTextNode(location.hash.slice(1)));
document.body.append(s);
