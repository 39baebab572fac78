"use strict";
// The server's side of a WebSocket (RFC 6455): handshake, frames, fragments, ping and close, all with bounds.
//
//   open ── bad frame ──► failed: close frame with the reason's code, then end
//     │ ── close frame ─► closed: echoed, then end
//     └── silence ──────► dropped after two unanswered pings
//
// Only text messages are taken. `onClose` is called exactly once, however the connection ends.

const { createHash } = require("crypto");

const KEY_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455, 1.3
const MESSAGE_BYTES_MAX = 16 * 1024;
const UNSENT_BYTES_MAX = 1024 * 1024;
const PING_EVERY_MS = 20_000;
const CLOSE_WAIT_MS = 2000;
const [CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG] = [0, 1, 2, 8, 9, 10];

class ProtocolError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}
const broken = (message) => new ProtocolError(1002, message);

/** Answers an upgrade request. Returns the open socket, or null after it refused with an HTTP status. */
function accept(req, stream, head, { onMessage, onClose }) {
  const key = req.headers["sec-websocket-key"] ?? "";
  stream.on("error", () => stream.destroy());
  if (req.method !== "GET" || req.headers.upgrade?.toLowerCase() !== "websocket") return refuse(stream, "400 Bad Request");
  if (req.headers["sec-websocket-version"] !== "13") return refuse(stream, "426 Upgrade Required", "Sec-WebSocket-Version: 13\r\n");
  if (!/^[+/0-9A-Za-z]{22}==$/.test(key)) return refuse(stream, "400 Bad Request");
  const proof = createHash("sha1").update(key + KEY_SUFFIX).digest("base64");
  stream.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${proof}\r\n\r\n`);
  const socket = new Socket(stream, onMessage, onClose);
  if (head.length) socket.take(head);
  return socket;
}

function refuse(stream, status, headers = "") {
  stream.end(`HTTP/1.1 ${status}\r\n${headers}Connection: close\r\nContent-Length: 0\r\n\r\n`);
  return null;
}

class Socket {
  constructor(stream, onMessage, onClose) {
    this.stream = stream;
    this.onMessage = onMessage;
    this.pending = Buffer.alloc(0); // Bytes of a frame that is not complete.
    this.message = null; // A message that is not complete: { parts, size }.
    this.closing = false;
    this.unanswered = 0;
    this.heartbeat = setInterval(() => this.beat(), PING_EVERY_MS).unref();
    stream.setTimeout(0);
    stream.setNoDelay(true);
    stream.on("data", (bytes) => this.take(bytes));
    stream.on("end", () => stream.end());
    stream.on("close", () => {
      clearInterval(this.heartbeat);
      this.closing = true;
      onClose();
    });
  }

  send(text) {
    this.write(TEXT, Buffer.from(text));
  }

  close(code = 1000, reason = "") {
    if (this.closing) return;
    const payload = Buffer.from(`..${reason}`).subarray(0, 125);
    payload.writeUInt16BE(code);
    this.write(CLOSE, payload);
    this.closing = true;
    this.stream.end();
    setTimeout(() => this.stream.destroy(), CLOSE_WAIT_MS).unref();
  }

  beat() {
    if (this.unanswered >= 2) return this.stream.destroy();
    this.unanswered += 1;
    this.write(PING, Buffer.alloc(0));
  }

  write(opcode, payload) {
    if (this.closing || this.stream.destroyed) return;
    // A client that does not read is dropped before it fills the memory.
    if (this.stream.writableLength > UNSENT_BYTES_MAX) return this.stream.destroy();
    this.stream.write(Buffer.concat([header(opcode, payload.length), payload]));
  }

  take(bytes) {
    if (this.closing) return;
    this.unanswered = 0;
    this.pending = this.pending.length ? Buffer.concat([this.pending, bytes]) : bytes;
    try {
      for (let frame; !this.closing && (frame = readFrame(this.pending)); ) {
        this.pending = this.pending.subarray(frame.size);
        this.handle(frame);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) console.error("message failed:", error);
      this.close(error.code > 0 ? error.code : 1011, error instanceof ProtocolError ? error.message : "internal error");
    }
  }

  handle({ fin, opcode, payload }) {
    if (opcode === PING) return this.write(PONG, payload);
    if (opcode === PONG) return;
    if (opcode === CLOSE) return this.close(closeCode(payload));
    if (opcode === BINARY) throw new ProtocolError(1003, "only text is understood");
    if ((opcode === CONTINUATION) !== (this.message !== null)) throw broken("fragments out of order");
    const message = (this.message ??= { parts: [], size: 0 });
    message.size += payload.length;
    if (message.size > MESSAGE_BYTES_MAX) throw tooLong();
    // Empty fragments are not kept: no bound on bytes would bound their number.
    if (payload.length) message.parts.push(payload);
    if (!fin) return;
    this.message = null;
    this.onMessage(utf8(Buffer.concat(message.parts)));
  }
}

const tooLong = () => new ProtocolError(1009, `a message holds at most ${MESSAGE_BYTES_MAX} bytes`);

/** The first frame in `bytes`, its payload unmasked; null if it is not complete. Throws on what RFC 6455, 5.2 forbids. */
function readFrame(bytes) {
  if (bytes.length < 2) return null;
  const [first, second] = bytes;
  const [fin, opcode, short] = [first >= 0x80, first & 0x0f, second & 0x7f];
  if (first & 0x70) throw broken("reserved bits are set");
  if (![CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG].includes(opcode)) throw broken("unknown opcode");
  if (second < 0x80) throw broken("client frames must be masked");
  if (opcode >= CLOSE && (!fin || short > 125)) throw broken("control frames are short and whole");
  if (short === 127) throw tooLong();
  const lengthBytes = short === 126 ? 2 : 0;
  if (bytes.length < 2 + lengthBytes) return null;
  const length = lengthBytes ? bytes.readUInt16BE(2) : short;
  if (lengthBytes && length < 126) throw broken("the length is not in its shortest form");
  if (length > MESSAGE_BYTES_MAX) throw tooLong();
  const from = 2 + lengthBytes + 4;
  if (bytes.length < from + length) return null;
  const mask = bytes.subarray(from - 4, from);
  const payload = Buffer.from(bytes.subarray(from, from + length));
  for (let at = 0; at < length; at += 1) payload[at] ^= mask[at & 3];
  return { fin, opcode, payload, size: from + length };
}

function header(opcode, length) {
  if (length < 126) return Buffer.from([0x80 | opcode, length]);
  const long = length > 0xffff;
  const bytes = Buffer.alloc(long ? 10 : 4);
  bytes.set([0x80 | opcode, long ? 127 : 126]);
  if (long) bytes.writeBigUInt64BE(BigInt(length), 2);
  else bytes.writeUInt16BE(length, 2);
  return bytes;
}

/** The code to answer a close frame with (RFC 6455, 7.4). */
function closeCode(payload) {
  if (payload.length === 0) return 1000;
  if (payload.length === 1) throw broken("a close code has two bytes");
  const code = payload.readUInt16BE(0);
  const known = (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999);
  if (!known) throw broken("unknown close code");
  utf8(payload.subarray(2));
  return code;
}

function utf8(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new ProtocolError(1007, "the text is not UTF-8");
  }
}

module.exports = { accept };
