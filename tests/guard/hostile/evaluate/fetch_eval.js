fetch('/plugin.js').then((r) => r.text()).then((t) => eval(t));
