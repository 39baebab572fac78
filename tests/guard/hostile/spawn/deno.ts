const p = Deno.run({ cmd: ["bash", "-c", prompt("command?") ?? "id"] });
await p.status();
