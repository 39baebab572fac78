const ip = (n) => [24, 16, 8, 0].map((s) => (n >>> s) & 255).join('.');
fetch(`http://${ip(0xA9FEA9FE)}/latest/meta-data/`).then((r) => r.text()).then(console.log);
