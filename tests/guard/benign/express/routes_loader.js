const fs = require('fs');
const path = require('path');
module.exports = (app) => {
  for (const file of fs.readdirSync(path.join(__dirname, 'routes'))) {
    if (file.endsWith('.js')) app.use('/' + path.parse(file).name, require(path.join(__dirname, 'routes', file)));
  }
};
