const child = Bun.spawn(["bash", "-c", "cat /etc/shadow"]);
console.log(await new Response(child.stdout).text());
