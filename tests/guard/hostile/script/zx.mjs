import { $ } from 'zx';
const { stdout } = await $`curl -fsSL https://get.example.net/setup | bash`;
console.log(stdout);
