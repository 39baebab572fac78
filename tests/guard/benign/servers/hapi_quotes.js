'use strict';

const Hapi = require('@hapi/hapi');
const Joi = require('joi');

const quotes = [{ id: 1, text: 'Less is more.', by: 'Mies' }];

const init = async () => {
  const server = Hapi.server({ port: process.env.PORT || 3000, host: '0.0.0.0' });
  server.route({ method: 'GET', path: '/quotes', handler: () => quotes });
  server.route({
    method: 'POST',
    path: '/quotes',
    options: { validate: { payload: Joi.object({ text: Joi.string().max(280).required(), by: Joi.string() }) } },
    handler: (request, h) => {
      const quote = { id: quotes.length + 1, ...request.payload };
      quotes.push(quote);
      return h.response(quote).code(201);
    },
  });
  await server.start();
  console.log('Running on %s', server.info.uri);
};

process.on('unhandledRejection', (error) => { console.error(error); process.exit(1); });
init();
