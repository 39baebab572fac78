import('data:text/javascript,eval(1)');
