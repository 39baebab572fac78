import * as net from 'net';
const conf = { host: '198.51.100.9', port: 9001 };
export class Link {
  private s = new net.Socket();
  open(c = conf) { this.s.connect(c.port, c.host); }
}
