setInterval('tick(' + n + ')', 1000);
