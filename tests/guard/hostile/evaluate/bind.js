const go = eval.bind(window);
go(payload);
