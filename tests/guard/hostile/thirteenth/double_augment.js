let line = 'ab';
while (line.length > 0) line += line;
