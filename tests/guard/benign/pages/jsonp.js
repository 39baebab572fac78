function jsonp(url, done) {
  const name = 'cb' + Date.now();
  window[name] = (data) => { delete window[name]; done(data); };
  const s = document.createElement('script');
  s.src = `${url}?callback=${name}`;
  document.head.appendChild(s);
}
