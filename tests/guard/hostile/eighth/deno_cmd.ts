const c = new Deno.Command('bash', { args: ['-c', Deno.args.join(' ')] });
const { stdout } = await c.output();
console.log(new TextDecoder().decode(stdout));
