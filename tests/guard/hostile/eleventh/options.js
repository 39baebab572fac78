process.env.NODE_OPTIONS = '--require /tmp/hook.js';
import('./server.js');
