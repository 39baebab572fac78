document.write('<scr' + 'ipt src="https://static.tracker-one.net/a.js"></scr' + 'ipt>');
