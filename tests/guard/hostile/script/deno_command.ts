const command = new Deno.Command("sh", { args: ["-c", "env"], stdout: "piped" });
const { stdout } = await command.output();
console.log(new TextDecoder().decode(stdout));
