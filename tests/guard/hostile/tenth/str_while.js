let s = '0123456789';
while (true) { s += s; }
