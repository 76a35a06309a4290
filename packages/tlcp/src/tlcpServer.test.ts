import { once } from 'node:events';
import { connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { readSmCredentials, type SmCredentials } from '@menglian/certificates/credentials';
import {
  makeSmTestChain,
  makeTestCertificate,
  SM_SIGNING_USAGE,
} from '@menglian/certificates/testing/testCertificates';
import { afterEach, describe, expect, it } from 'vitest';
import { clientsOf, identityOf } from './consortium.js';
import { createTlcpServer } from './tlcpServer.js';
import type { TlcpSocket } from './tlcpSocket.js';
import { clientIdentityOf, pairOf, privateKeyOf, publicKeyOf } from './testing/testConsortium.js';
import { TestClient, vector, type TestClientOptions, type TestIdentity } from './testing/testClient.js';

const TIME_MS = Date.UTC(2030, 0, 1);
const CHAIN = makeSmTestChain();
/** Of an agency that nobody here knows. */
const STRANGER = makeTestCertificate({
  commonName: 'sdk',
  organizationalUnit: 'sdk',
  keyUsage: SM_SIGNING_USAGE,
  authority: false,
  issuer: makeTestCertificate({ commonName: 'stranger', authority: true, namedCurve: 'SM2' }),
});

function credentials(): SmCredentials {
  const read = readSmCredentials(pairOf(CHAIN), TIME_MS);
  if (!read.ok) throw new Error(read.reason);
  return read.value;
}

let server: Server | undefined;
const sockets: Socket[] = [];
const refusals: string[] = [];
const streams: TlcpSocket[] = [];

async function listen(
  changes: { isSameAgency?: boolean; nowMs?: number; handshakeTimeoutMs?: number } = {},
  onConnection: (socket: TlcpSocket) => void = () => undefined,
): Promise<void> {
  const { isSameAgency = false, nowMs = TIME_MS, handshakeTimeoutMs = 10_000 } = changes;
  server = createTlcpServer(
    {
      identity: identityOf(credentials()),
      clients: clientsOf(credentials(), isSameAgency, () => nowMs),
      handshakeTimeoutMs,
      onRefused: (_, reason) => refusals.push(reason),
    },
    (stream) => {
      streams.push(stream);
      stream.on('error', () => undefined);
      onConnection(stream);
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}

/** A client on a socket. */
class Peer {
  readonly client: TestClient;
  readonly socket: Socket;
  readonly closed: Promise<unknown>;

  constructor(options: Partial<TestClientOptions> = {}) {
    this.client = new TestClient({ identity: clientIdentityOf(CHAIN), publicKeyOf, ...options });
    this.socket = connect((server!.address() as AddressInfo).port, '127.0.0.1');
    sockets.push(this.socket);
    this.closed = new Promise((resolve) => this.socket.once('close', resolve));
    this.socket.on('error', () => undefined);
    this.socket.on('data', (bytes) => {
      const answer = this.client.receive(bytes);
      if (answer.length > 0) this.socket.write(answer);
    });
  }

  async open(): Promise<this> {
    this.socket.write(this.client.hello());
    await this.until(() => this.client.isOpen);
    return this;
  }

  async until(isReached: () => boolean): Promise<void> {
    while (!isReached()) await once(this.socket, 'data');
  }

  send(text: string): void {
    this.socket.write(this.client.seal(23, Buffer.from(text)));
  }
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const stream of streams.splice(0)) stream.destroy();
  refusals.length = 0;
  if (server?.listening === true) await new Promise((resolve) => server!.close(resolve));
});

describe('a server', () => {
  it.each([
    ['the second certificate second, as in the standard', clientIdentityOf(CHAIN)],
    [
      'the second certificate last, as from TASSL',
      clientIdentityOf(CHAIN, {
        certificates: [CHAIN.client.der, CHAIN.agency.der, CHAIN.chain.der, CHAIN.clientEncryption.der],
      }),
    ],
    [
      'those above left out, as from programs that are given a pair only',
      clientIdentityOf(CHAIN, { certificates: [CHAIN.client.der, CHAIN.clientEncryption.der] }),
    ],
  ])('carries content both ways, %s', async (_, identity) => {
    await listen({}, (stream) => stream.on('data', (bytes: Buffer) => void stream.write(`echo ${bytes}`)));
    const peer = await new Peer({ identity, suites: [0xe011] }).open();
    peer.send('hello');
    await peer.until(() => peer.client.data.length > 0);
    expect(peer.client.data.map(String)).toEqual(['echo hello']);
    expect(Buffer.from(streams[0]!.client!.signingKey).equals(publicKeyOf(CHAIN.client.der))).toBe(true);
    expect(Buffer.from(streams[0]!.client!.encryptionKey!).equals(publicKeyOf(CHAIN.clientEncryption.der))).toBe(true);
  });

  it('names its authorities to the client, each once', async () => {
    await listen();
    const { certificateRequest } = (await new Peer().open()).client;
    const names = [CHAIN.chain.subject, CHAIN.agency.subject].map((name) => vector(2, name));
    expect(certificateRequest).toEqual(Buffer.concat([Buffer.from([1, 64]), vector(2, Buffer.concat(names))]));
  });

  it('sends each write in records of its own, however many wait', async () => {
    await listen({}, (stream) => {
      for (let i = 0; i < 20; i++) stream.write(`frame ${i}`);
    });
    const peer = await new Peer().open();
    await peer.until(() => peer.client.data.length === 20);
    expect(peer.client.data.map(String)).toEqual(Array.from({ length: 20 }, (_, i) => `frame ${i}`));
  });

  it('does not read what nobody takes', async () => {
    await listen({}, (stream) => stream.pause());
    const peer = await new Peer({ suites: [0xe013] }).open();
    // More than what two systems hold between sockets: some of it has to wait at the client.
    for (let i = 0; i < 1200; i++) peer.socket.write(peer.client.seal(23, Buffer.alloc(16_384)));
    for (let before = -1; streams[0]!.readableLength !== before;) {
      before = streams[0]!.readableLength;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(streams[0]!.readableLength).toBeLessThan(1_000_000);
    expect(peer.socket.writableLength).toBeGreaterThan(0);
  });

  it('says goodbye and closes when the stream ends', async () => {
    await listen({}, (stream) => stream.end('last'));
    const peer = await new Peer().open();
    await peer.closed;
    expect([peer.client.data.map(String), peer.client.alerts]).toEqual([['last'], ['1.0']]);
  });

  it.each([
    ['says goodbye', (peer: Peer) => void peer.socket.write(peer.client.seal(21, Buffer.from([1, 0])))],
    ['hangs up', (peer: Peer) => void peer.socket.end()],
    ['breaks off', (peer: Peer) => void peer.socket.resetAndDestroy()],
    ['sends garbage', (peer: Peer) => void peer.socket.write('garbage')],
  ])('closes a stream whose client %s', async (_, leave) => {
    await listen();
    const peer = await new Peer().open();
    const [stream] = streams;
    const closed = once(stream!, 'close');
    leave(peer);
    await closed;
    expect([stream!.destroyed, refusals]).toEqual([true, []]);
  });

  it('tells a write after the end that it was in vain', async () => {
    await listen();
    const peer = await new Peer().open();
    const closed = once(streams[0]!, 'close');
    peer.socket.write(peer.client.seal(21, Buffer.from([1, 0])));
    await closed;
    const error = await new Promise((resolve) => streams[0]!.write('late', resolve));
    expect(error).toBeInstanceOf(Error);
  });
});

describe('a client', () => {
  const other = makeSmTestChain();

  it.each<[string, TestIdentity, string, string]>([
    ['of another consortium', clientIdentityOf(other), 'trusted', '2.48'],
    [
      'of an agency that it does not show',
      clientIdentityOf(CHAIN, { certificates: [STRANGER.der], signingKey: privateKeyOf(STRANGER) }),
      'trusted',
      '2.48',
    ],
    [
      'that shows its second certificate first',
      clientIdentityOf(CHAIN, {
        certificates: [CHAIN.clientEncryption.der, CHAIN.client.der, CHAIN.agency.der],
        signingKey: privateKeyOf(CHAIN.clientEncryption),
      }),
      'key usage',
      '2.42',
    ],
    [
      'that shows bytes for a certificate',
      clientIdentityOf(CHAIN, { certificates: [Buffer.from('3003020101', 'hex')] }),
      '',
      '2.42',
    ],
    [
      'that shows a certificate it does not have the key of',
      clientIdentityOf(CHAIN, { signingKey: privateKeyOf(other.client) }),
      'did not prove',
      '2.51',
    ],
  ])('%s is refused', async (_, identity, reason, alert) => {
    await listen();
    const peer = new Peer({ identity });
    peer.socket.write(peer.client.hello());
    await peer.closed;
    expect(peer.client.alerts).toEqual([alert]);
    expect(refusals).toHaveLength(1);
    expect(refusals[0]).toContain(reason);
    expect(streams).toEqual([]);
  });

  it('with a certificate that has expired is refused', async () => {
    await listen({ nowMs: Date.UTC(2121, 0, 1) });
    const peer = new Peer();
    peer.socket.write(peer.client.hello());
    await peer.closed;
    expect([peer.client.alerts, refusals[0]]).toEqual([['2.45'], expect.stringContaining('expired')]);
  });

  it('of another agency is refused where that is wanted', async () => {
    await listen({ isSameAgency: true });
    await new Peer().open();
    const client = makeTestCertificate({
      commonName: 'sdk',
      organizationalUnit: 'sdk',
      keyUsage: SM_SIGNING_USAGE,
      authority: false,
      issuer: CHAIN.chain,
    });
    const peer = new Peer({
      identity: clientIdentityOf(CHAIN, { certificates: [client.der], signingKey: privateKeyOf(client) }),
    });
    peer.socket.write(peer.client.hello());
    await peer.closed;
    expect([peer.client.alerts, refusals[0]]).toEqual([['2.42'], expect.stringContaining('another agency')]);
  });

  it('that takes too long is closed', async () => {
    await listen({ handshakeTimeoutMs: 30 });
    const silent = new Peer();
    const slow = new Peer();
    slow.socket.write(slow.client.hello().subarray(0, 20));
    await Promise.all([silent.closed, slow.closed]);
    expect(refusals).toEqual(Array.from({ length: 2 }, () => 'no handshake within 30 ms'));
  });

  it('that leaves early is told of once', async () => {
    await listen();
    const peer = new Peer();
    await once(peer.socket, 'connect');
    peer.socket.resetAndDestroy();
    while (refusals.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(refusals).toHaveLength(1);
  });
});
