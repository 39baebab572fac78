export NODE_OPTIONS="--import data:text/javascript,globalThis.x=1"
node server.js
