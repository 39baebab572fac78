const run = (0, eval);
run(document.title);
