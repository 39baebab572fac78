scripts.map(eval);
