const r = eval; const q = r; q('1');
