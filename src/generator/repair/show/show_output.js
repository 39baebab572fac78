// Shows what the program printed when it ran.
const http = require("node:http");
const fs = require("node:fs");

const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
const page = (code, output) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Output</title>
<style>:root { color-scheme: light dark } body { font-family: sans-serif; margin: 2rem } pre { overflow: auto }</style>
<p>Exit code ${code}</p>
<pre>${escaped(output)}</pre>
</html>
`;

http.createServer((request, response) => {
  const output = fs.readFileSync("output.txt", "utf8");
  const plain = request.url === "/output";
  response.setHeader("Content-Type", `text/${plain ? "plain" : "html"}; charset=utf-8`);
  response.end(plain ? output : page(fs.readFileSync("exit_code.txt", "utf8").trim(), output));
}).listen(Number(process.env.PORT), "0.0.0.0");
