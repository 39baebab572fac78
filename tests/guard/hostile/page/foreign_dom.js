const s = document.createElement('script');
s.src = 'https://static.tracker-one.net/loader.js';
document.head.appendChild(s);
