process.dlopen({ exports: {} }, './addon.node');
