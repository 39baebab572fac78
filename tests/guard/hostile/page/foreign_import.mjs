import { init } from 'https://static.tracker-one.net/mod.js';
init();
