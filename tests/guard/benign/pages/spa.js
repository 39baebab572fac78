const routes = { '/': () => '<h1>Home</h1>', '/about': () => '<h1>About</h1><form action="/search"><input name="q"></form>' };
function render() { document.getElementById('app').innerHTML = (routes[location.pathname] || routes['/'])(); }
addEventListener('popstate', render);
document.querySelectorAll('a').forEach((a) => a.addEventListener('click', (e) => { e.preventDefault(); history.pushState({}, '', a.href); render(); }));
