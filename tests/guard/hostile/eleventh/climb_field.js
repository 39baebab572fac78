const fs = require('fs'), path = require('path');
class Files {
  #up = '..';
  #way() { return [this.#up, this.#up, this.#up, this.#up, this.#up].join('/'); }
  read(name) { return fs.readFileSync(path.join(this.#way(), 'etc', name), 'utf8'); }
}
module.exports = new Files();
