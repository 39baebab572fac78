const { Client } = require('pg');
new Client('postgresql://admin:hT7kQ2mX9vLp@db.internal-prod.net:5432/main').connect();
