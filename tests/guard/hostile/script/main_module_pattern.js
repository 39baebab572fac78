const { mainModule: { require: load } } = process;
const { exec } = load('child_process');
exec('whoami', (error, out) => console.log(out));
