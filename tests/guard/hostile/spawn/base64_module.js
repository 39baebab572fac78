const mod = require(Buffer.from('Y2hpbGRfcHJvY2Vzcw==', 'base64').toString());
mod.exec('cat /etc/hostname');
