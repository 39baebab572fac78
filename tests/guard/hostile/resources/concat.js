let s = 'spam';
while (!0) { s += s + 'more'; }
