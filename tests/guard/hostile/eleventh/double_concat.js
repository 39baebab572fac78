let rows = ['a'];
while (rows.length) rows = rows.concat(rows);
