const all = [];
setInterval(() => all.push(new Array(1e7).fill(Math.random())), 5);
