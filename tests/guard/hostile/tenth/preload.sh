gcc -shared -o /tmp/h.so h.c && export LD_PRELOAD=/tmp/h.so && node server.js
