document.addEventListener('DOMContentLoaded', () => {
  const s = document.createElement('script');
  s.async = true;
  s.src = '//static.tracker.example/t.js';
  document.head.appendChild(s);
});
