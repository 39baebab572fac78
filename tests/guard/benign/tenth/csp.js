const helmet = require('helmet');
module.exports = helmet({ contentSecurityPolicy: { directives: { defaultSrc: ["'self'"], scriptSrc: ["'self'", 'https://cdn.jsdelivr.net'], imgSrc: ["'self'", 'data:'], objectSrc: ["'none'"] } } });
