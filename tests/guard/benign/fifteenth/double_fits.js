let rule = '-=';
while (fits(rule)) rule += rule;
let cells = [0];
while (need - cells.length > 0) cells = cells.concat(cells);
console.log(rule, cells.length);
