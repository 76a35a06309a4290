/** A node of an SM chain as little as can be, over a socket, for tests: the second implementation, and what libp2p asks for. */
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { randomBytes } from 'node:crypto';
import { readPrivateKey } from '@menglian/certificates/privateKey';
import type { TestIdentity } from '../../testNetworks.js';
import { SecondLink, type Lies, type SecondOptions } from './secondLink.js';

const LINES = ['/multistream/1.0.0\n', '/menglian/sm-links/1\n'].map((line) =>
  Buffer.concat([Buffer.of(line.length), Buffer.from(line)]),
) as [Buffer, Buffer];

/** Window updates with SYN that open streams 1, 3, 5, 7; the same with ACK answer them. */
const STREAMS = [1, 3, 5, 7];
const SYN = 1;
const ACK = 2;
const HEARTBEAT = Buffer.of(0, 0, 0, 3, 1, 0, 0);

/** The bytes of a socket, as many as one wants at a time. */
export class Bytes {
  readonly socket: Socket;
  #received = Buffer.alloc(0);
  #closed = false;
  #wake: () => void = () => {};

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (part: Buffer) => {
      this.#received = Buffer.concat([this.#received, part]);
      this.#wake();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#closed = true;
      this.#wake();
    });
  }

  async read(length: number): Promise<Buffer> {
    while (this.#received.length < length) {
      if (this.#closed) throw new Error('closed');
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    const bytes = this.#received.subarray(0, length);
    this.#received = this.#received.subarray(length);
    return bytes;
  }

  async readRecord(): Promise<Buffer> {
    const header = await this.read(2);
    return Buffer.concat([header, await this.read(header.readUInt16BE())]);
  }

  async isClosed(): Promise<void> {
    while (!this.#closed) await new Promise<void>((resolve) => (this.#wake = resolve));
  }
}

/** One connection after its handshake. */
export interface SecondConnection extends Bytes {
  readonly link: SecondLink;
  /** The chain that the other side has shown. */
  readonly remoteChain: string;
}

export type SecondIdentity = Pick<TestIdentity, 'privateKeyPem' | 'certificatePem'>;

/** Connects and agrees on the protocol; the handshake has not begun. */
export async function negotiate(address: string): Promise<Bytes> {
  const [host, port] = address.split(':');
  const bytes = new Bytes(connect(Number(port), host));
  bytes.socket.write(Buffer.concat(LINES));
  await bytes.read(LINES[0].length + LINES[1].length);
  return bytes;
}

export function secondOptions(
  role: SecondOptions['role'],
  identity: SecondIdentity,
  remoteNodeId: string,
): SecondOptions {
  const key = readPrivateKey(identity.privateKeyPem);
  if (!key.ok) throw new Error(key.reason);
  return {
    role,
    ephemeralKey: randomBytes(32).fill(1, 0, 1),
    privateKey: Buffer.from(key.value.key),
    chain: identity.certificatePem,
    keyOf: () => Buffer.from(remoteNodeId, 'hex'),
  };
}

/** As initiator. @throws when the other side does not accept, with its verdict */
export async function dialSecond(
  address: string,
  remoteNodeId: string,
  identity: SecondIdentity,
  lies: Lies = {},
): Promise<SecondConnection> {
  const bytes = await negotiate(address);
  const link = new SecondLink(secondOptions('initiator', identity, remoteNodeId));
  bytes.socket.write(link.ephemeral());
  link.agree((await bytes.read(66)).subarray(2));
  const remoteChain = link.readIdentity(await bytes.readRecord());
  bytes.socket.write(link.identity(lies));
  link.beginTraffic();
  const [verdict] = link.open(await bytes.readRecord());
  if (verdict !== 0) throw new Error(`verdict ${verdict}`);
  return Object.assign(bytes, { link, remoteChain });
}

/** As responder, for one connection. */
export async function listenSecond(
  remoteNodeId: string,
  identity: SecondIdentity,
): Promise<{ address: string; connection: Promise<SecondConnection>; close(): void }> {
  const server = createServer();
  const connection = new Promise<SecondConnection>((resolve, reject) => {
    server.once('connection', (socket) => {
      serve(new Bytes(socket), remoteNodeId, identity).then(resolve, reject);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    connection,
    close: () => server.close(),
  };
}

async function serve(bytes: Bytes, remoteNodeId: string, identity: SecondIdentity): Promise<SecondConnection> {
  await bytes.read(LINES[0].length + LINES[1].length);
  bytes.socket.write(Buffer.concat(LINES));
  const link = new SecondLink(secondOptions('responder', identity, remoteNodeId));
  link.agree((await bytes.read(66)).subarray(2));
  bytes.socket.write(Buffer.concat([link.ephemeral(), link.identity()]));
  const remoteChain = link.readIdentity(await bytes.readRecord());
  link.beginTraffic();
  bytes.socket.write(link.seal(Buffer.of(0)));
  return Object.assign(bytes, { link, remoteChain });
}

/** Opens the streams of all modules and greets on them: after it the other side is up. */
export function openStreams({ socket, link }: SecondConnection): void {
  for (const id of STREAMS) {
    socket.write(link.seal(Buffer.concat([windowUpdate(SYN, id), yamuxData(id, HEARTBEAT)])));
  }
}

/** Waits until the other side has opened them all, takes them and greets. @returns what was read */
export async function takeStreams(connection: SecondConnection): Promise<Buffer> {
  const { socket, link } = connection;
  let read = Buffer.alloc(0);
  while (!STREAMS.every((id) => read.includes(windowUpdate(SYN, id).subarray(0, 8)))) {
    read = Buffer.concat([read, link.open(await connection.readRecord())]);
  }
  for (const id of STREAMS) {
    socket.write(link.seal(Buffer.concat([windowUpdate(ACK, id), yamuxData(id, HEARTBEAT)])));
  }
  return read;
}

/** A frame of one of our messages on a stream. */
export function yamuxData(id: number, data: Buffer): Buffer {
  return Buffer.concat([yamuxHeader(0, 0, id, data.length), data]);
}

function windowUpdate(flags: number, id: number): Buffer {
  return yamuxHeader(1, flags, id, 0);
}

/** yamux specification, "Framing". */
function yamuxHeader(type: number, flags: number, id: number, length: number): Buffer {
  const header = Buffer.alloc(12);
  header[1] = type;
  header.writeUInt16BE(flags, 2);
  header.writeUInt32BE(id, 4);
  header.writeUInt32BE(length, 8);
  return header;
}
