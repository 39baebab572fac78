let s = 'a';
while (true) { s = s.repeat(3); }
