const hosts = ['127.0.0.1', '169.254.169.254'];
export const look = (n) => fetch(`http://${hosts[n]}/latest/`).then((r) => r.text());
