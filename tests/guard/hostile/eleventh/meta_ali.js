const n = 1684300800 + 200 - 0;
require('http').get({ host: n, path: '/latest/meta-data/' });
