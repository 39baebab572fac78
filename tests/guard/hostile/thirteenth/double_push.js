const rows = [{ id: 1 }];
while (0 < rows.length) rows.push(...rows);
