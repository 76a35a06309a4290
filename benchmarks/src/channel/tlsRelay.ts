/**
 * A process that passes bytes on between two TLS connections: what a node does at the very least. The first connection
 * that comes is joined with the port it was told, or with the second one that comes.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createServer, type TLSSocket } from 'node:tls';
import { openTls, tlsOptions } from './channelClient.js';

/** What a relay is started with. */
export interface RelayOptions {
  /** `ca.crt`, `node.crt` and `node.key` of a node's SDK port */
  readonly certificates: string;
  readonly sdkFolder: string;
  /** port of the next relay; undefined: join with the second connection that comes */
  readonly next: number | undefined;
}

const { certificates, sdkFolder, next } = JSON.parse(process.argv[2]!) as RelayOptions;

function joinSockets(one: TLSSocket, other: TLSSocket): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.setNoDelay(true);
    from.on('data', (bytes: Buffer) => to.write(bytes));
    from.on('error', () => process.exit(0));
  }
}

const read = (name: string) => readFileSync(join(certificates, name));
let first: TLSSocket | undefined = next === undefined ? undefined : await openTls(tlsOptions(sdkFolder, next));
const server = createServer(
  {
    key: read('node.key'),
    cert: read('node.crt'),
    ca: read('ca.crt'),
    maxVersion: 'TLSv1.2',
    requestCert: true,
    ecdhCurve: 'secp256k1:prime256v1',
  },
  (socket) => {
    if (first === undefined) first = socket;
    else joinSockets(first, socket);
  },
);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send!(typeof address === 'object' && address !== null ? address.port : 0);
});
// Whoever started it has ended.
process.on('disconnect', () => process.exit(0));
