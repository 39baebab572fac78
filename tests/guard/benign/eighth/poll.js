const seen = [];
async function main() {
  while (true) {
    const res = await fetch('http://localhost:3000/health');
    seen.push({ at: Date.now(), ok: res.ok });
    if (seen.length > 100) seen.shift();
    await new Promise((r) => setTimeout(r, 5000));
  }
}
main();
