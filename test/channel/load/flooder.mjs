// Sends requests as fast as the connection takes them, until it is told to stop; then says how many were answered.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';

const HEADER_BYTES = 42;
/** Requests of one write. */
const BURST = 200;
const TYPE = { rpc: 0x12, amopRequest: 0x30 };
const REQUEST = Buffer.from('{"jsonrpc":"2.0","method":"getBlockNumber","params":[1],"id":1}');
/** To nobody: each is refused at once. */
const MESSAGE = Buffer.from('\x07nobodyhello');

const [port, folder] = process.argv.slice(2);
const read = (name) => readFileSync(join(folder, name));
const socket = connect({
  port: Number(port),
  host: '127.0.0.1',
  ca: read('ca.crt'),
  cert: read('sdk.crt'),
  key: read('sdk.key'),
  checkServerIdentity: () => undefined,
});
let sent = 0;
let answered = 0;
let isStopping = false;

function frame(type, data) {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.writeUInt32BE(HEADER_BYTES + data.length, 0);
  bytes.writeUInt16BE(type, 4);
  bytes.write(randomBytes(16).toString('hex'), 6, 'latin1');
  return Buffer.concat([bytes, data]);
}

function flood() {
  if (isStopping) return;
  const burst = Buffer.concat(
    Array.from({ length: BURST }, (_, index) =>
      index % 4 === 0 ? frame(TYPE.amopRequest, MESSAGE) : frame(TYPE.rpc, REQUEST),
    ),
  );
  sent += BURST;
  // Not from within the callback of a write: answers must be read in between.
  socket.write(burst, () => setImmediate(flood));
}

function tellWhenDone() {
  if (isStopping && answered >= sent) process.send({ sent, answered }, () => process.exit(0));
}

let partial = Buffer.alloc(0);
socket.on('data', (chunk) => {
  partial = partial.length === 0 ? chunk : Buffer.concat([partial, chunk]);
  while (partial.length >= HEADER_BYTES && partial.length >= partial.readUInt32BE(0)) {
    partial = partial.subarray(partial.readUInt32BE(0));
    answered += 1;
  }
  tellWhenDone();
});
socket.on('close', () => process.exit(1));
socket.on('error', () => process.exit(1));
socket.on('secureConnect', flood);
process.on('disconnect', () => process.exit(1));
process.on('message', () => {
  isStopping = true;
  tellWhenDone();
});
