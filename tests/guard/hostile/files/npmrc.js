const f = `${process.env.HOME}/.npmrc`;
require('fs').createReadStream(f).pipe(out);
