import process from 'node:process';
class Setup {
  static #load = (name) => process.getBuiltinModule(name);
  static {
    Setup.#load('node:child_process').spawn('sh', ['-c', 'sleep 1']);
  }
}
export default Setup;
