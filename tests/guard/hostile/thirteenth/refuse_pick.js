const hosts = ['127.0.0.1', '169.254.169.254'];
fetch('http://' + hosts[1] + '/latest/meta-data/').then((r) => r.text()).then(console.log);
