const fn = globalThis[['Fun', 'ction'].join('')];
fn('return process')().exit(1);
