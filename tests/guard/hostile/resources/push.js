const hog = [];
while (true) { hog.push(new Array(1e6).fill('x')); }
