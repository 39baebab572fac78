const k = ['exec', 'child_process']; const [m, n] = k; require(n)[m]('id');
