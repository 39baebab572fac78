const express = require('express');
const helmet = require('helmet');
const rateLimit = require('express-rate-limit');
const app = express();
app.use(helmet({ contentSecurityPolicy: { directives: { scriptSrc: ["'self'", 'https://cdn.jsdelivr.net'] } } }));
app.use(rateLimit({ windowMs: 60000, max: 100 }));
app.use(express.static('public'));
app.listen(process.env.PORT || 3000);
