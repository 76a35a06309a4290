import './promiseWithResolvers.js';
import { connect, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { tcp } from '@libp2p/tcp';
import { noise } from '@libp2p/noise';
import { yamux } from '@libp2p/yamux';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p, type Libp2p } from 'libp2p';
import type { Connection, MessageStream, Stream, StreamMuxer, StreamMuxerFactory } from '@libp2p/interface';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { success } from '@menglian/base/result';
import { boundedYamux } from './boundedYamux.js';
import { certificateEncrypter, ENCRYPTION_PROTOCOL } from './certificateEncrypter.js';
import { HandshakeGuard } from './handshakeGuard.js';
import { FRAME_HEADER_BYTES, writeFrameHeader } from './frames.js';
import { MAX_PAYLOAD_BYTES, MODULES, MAX_CONNECTIONS_PER_SECOND } from './limits.js';
import { readNodeKey } from './nodeKey.js';
import {
  addressOf,
  makeConsortium,
  makeIdentity,
  makeNetwork,
  pause,
  waitUntil,
  type TestIdentity,
  type TestNetwork,
} from './testNetworks.js';

const consortium = makeConsortium();
const others = makeConsortium();

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Node under attack; a friend is linked to it all the time and must not notice anything. */
let victim: TestNetwork;
let friend: TestNetwork;
const attackers: Libp2p[] = [];

const PROTOCOLS = MODULES.map((module) => `/menglian/${module}/1`);
const NEGOTIATION = Buffer.concat(
  ['/multistream/1.0.0\n', `${ENCRYPTION_PROTOCOL}\n`].flatMap((line) => [
    Buffer.from([line.length]),
    Buffer.from(line),
  ]),
);
const GREETING = Uint8Array.of(0, 0, 0, 3, 1, 0, 0);

beforeAll(async () => {
  victim = makeNetwork(makeIdentity(consortium, 'victim'), []);
  await victim.network.start();
  friend = makeNetwork(makeIdentity(consortium, 'friend'), [addressOf(victim)]);
  await friend.network.start();
  await waitUntil('linked', () => victim.network.peers().length === 1 && friend.network.peers().length === 1);
});

beforeEach(() => {
  victim.log.length = 0;
  victim.messages.length = 0;
});

afterEach(async () => {
  await Promise.all(attackers.splice(0).map((attacker) => attacker.stop()));
  friend.network.broadcast({ group: 1, module: 'consensus' }, Uint8Array.of(42));
  await waitUntil('the friend is heard', () => victim.messages.some(({ payload }) => payload[0] === 42));
  expect(friend.peerEvents.map(({ kind }) => kind)).toEqual(['up']);
});

afterAll(async () => {
  await Promise.all([victim.network.stop(), friend.network.stop()]);
});

interface Attacker {
  readonly identity: Pick<TestIdentity, 'privateKeyPem' | 'certificatePem'>;
  readonly muxer?: () => StreamMuxerFactory;
}

/** A node that accepts everybody and presents whatever it is given. */
async function attack({ identity, muxer }: Attacker): Promise<Connection> {
  const key = readNodeKey(identity.privateKeyPem);
  if (!key.ok) throw new Error(key.reason);
  if (key.value.algorithm !== 'secp256k1') throw new Error('not a key of a standard chain');
  const attacker = await createLibp2p({
    privateKey: key.value.privateKey,
    transports: [tcp()],
    connectionEncrypters: [
      certificateEncrypter({
        ownNodeId: key.value.nodeId,
        certificateChain: identity.certificatePem,
        verify: () => success({ algorithm: 'secp256k1', nodeId: victim.identity.nodeId, agency: '', commonName: '' }),
        refusal: () => undefined,
        guard: new HandshakeGuard(),
        onAccepted: () => {},
        onRefused: () => {},
      }),
    ],
    streamMuxers: [muxer ?? boundedYamux(PROTOCOLS)],
    connectionMonitor: { enabled: false },
  });
  attackers.push(attacker);
  const [ip, port] = addressOf(victim).split(':');
  return attacker.dial(multiaddr(`/ip4/${ip}/tcp/${port}`));
}

async function openStreams(connection: Connection): Promise<Stream[]> {
  const streams: Stream[] = [];
  for (const protocol of PROTOCOLS) streams.push(await connection.newStream(protocol));
  return streams;
}

function frame(group: number, payload: Uint8Array, claimed = payload.length): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES + payload.length);
  writeFrameHeader(bytes, 0, group, claimed);
  bytes.set(payload, FRAME_HEADER_BYTES);
  return bytes;
}

async function rawConnection(): Promise<Socket> {
  const [host, port] = addressOf(victim).split(':');
  const socket = connect(Number(port), host);
  socket.on('error', () => {});
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
  return socket;
}

function isClosed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) resolve();
    else socket.once('close', () => resolve());
  });
}

describe('certificates', () => {
  const member = makeIdentity(consortium, 'member');
  const stranger = makeIdentity(others, 'stranger');
  const past = { notBefore: '20200101000000Z', notAfter: '20200102000000Z' };
  const future = { notBefore: '21000101000000Z', notAfter: '21000102000000Z' };
  const selfSigned = makeIdentity(consortium, 'self');
  const client = makeIdentity(consortium, 'sdk', { organizationalUnit: 'sdk' });

  it.each<[string, Attacker['identity'], string]>([
    ["another consortium's", stranger, 'UnknownAuthority'],
    [
      "another consortium's leaf with our authorities behind it",
      {
        ...stranger,
        certificatePem:
          stranger.certificatePem.split('-----END CERTIFICATE-----\n')[0] +
          '-----END CERTIFICATE-----\n' +
          consortium.agency.pem +
          consortium.chain.pem,
      },
      'BadSignature',
    ],
    ['an expired', makeIdentity(consortium, 'old', past), 'Expired'],
    ['a future', makeIdentity(consortium, 'young', future), 'NotYetValid'],
    ["a client's", client, 'LeafIsClient'],
    ['an empty', { ...member, certificatePem: '' }, 'BadChainLength'],
    ['a too long', { ...member, certificatePem: member.certificatePem + '\n'.repeat(16_385) }, 'BadChainLength'],
    ['a garbled', { ...member, certificatePem: 'x'.repeat(1000) }, ''],
    ['a truncated', { ...member, certificatePem: member.certificatePem.slice(0, 300) }, ''],
    ['a stolen', { ...member, privateKeyPem: selfSigned.privateKeyPem }, 'NotTheCertificatesKey'],
  ])('%s certificate is refused before any protocol', async (_, identity, reason) => {
    const error: unknown = await attack({ identity }).catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(Error);
    await waitUntil('it is logged', () => victim.log.some((line) => line.includes(`connection refused`)));
    expect(victim.log.find((line) => line.includes('connection refused'))).toContain(`reason=${reason}`);
    expect(victim.log.every((line) => !line.includes('link ended'))).toBe(true);
    expect(victim.network.peers()).toHaveLength(1);
  });

  it('a peer of libp2p without certificates does not find a common protocol', async () => {
    const attacker = await createLibp2p({
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
    });
    attackers.push(attacker);
    const [ip, port] = addressOf(victim).split(':');
    await expect(attacker.dial(multiaddr(`/ip4/${ip}/tcp/${port}`))).rejects.toThrow();
    expect(victim.network.peers()).toHaveLength(1);
  });

  it('the dialling side refuses as well, says why, and asks ever more rarely', async () => {
    const wrong = makeNetwork(stranger, []);
    await wrong.network.start();
    const dialler = makeNetwork(member, [addressOf(wrong)]);
    await dialler.network.start();
    await waitUntil('three tries', () => dialler.log.filter((line) => line.includes('peer not reached')).length >= 3);
    const tries = dialler.log.filter((line) => line.includes('peer not reached'));
    expect(tries.every((line) => /reason=(UnknownAuthority|RefusedByPeerCertificate)/.test(line))).toBe(true);
    const delays = tries.map((line) => Number(/retryMs=(\d+)/.exec(line)?.[1]));
    expect(delays[2]).toBeGreaterThan(delays[0]!);
    expect(dialler.network.peers()).toEqual([]);
    await Promise.all([dialler.network.stop(), wrong.network.stop()]);
  });
});

describe.each(['standard', 'sm'] as const)('deny and allow list of %s chains', (family) => {
  const consortium = makeConsortium(family);
  const listed = makeIdentity(consortium, 'listed');
  const unlisted = makeIdentity(consortium, 'unlisted');

  async function judge(denyList: string[], allowList: string[], identity: TestIdentity) {
    const judging = makeNetwork(makeIdentity(consortium, 'judge'), [], { denyList, allowList });
    await judging.network.start();
    const dialler = makeNetwork(identity, [addressOf(judging)]);
    await dialler.network.start();
    const decided = () =>
      judging.network.peers().length === 1 || dialler.log.some((line) => line.includes('not reached'));
    await waitUntil('it is decided', decided);
    const result = { up: judging.network.peers().length === 1, log: [...judging.log, ...dialler.log].join('\n') };
    await Promise.all([dialler.network.stop(), judging.network.stop()]);
    return result;
  }

  it('a denied node is refused and told so', async () => {
    const { up, log } = await judge([listed.nodeId], [], listed);
    expect(up).toBe(false);
    expect(log).toContain('reason=OnDenyList');
    expect(log).toContain('reason=RefusedByPeerDenyList');
  });

  it('an allow list refuses all others', async () => {
    expect((await judge([], [listed.nodeId], listed)).up).toBe(true);
    const { up, log } = await judge([], [listed.nodeId], unlisted);
    expect(up).toBe(false);
    expect(log).toContain('reason=NotOnAllowList');
    expect(log).toContain('reason=RefusedByPeerAllowList');
  });

  it('a node on both is refused; a node on none of a deny list is not', async () => {
    expect((await judge([listed.nodeId], [listed.nodeId], listed)).up).toBe(false);
    expect((await judge([listed.nodeId], [], unlisted)).up).toBe(true);
  });

  it('new lists and certificates that expire end links', async () => {
    let nowMs = Date.now();
    const judging = makeNetwork(makeIdentity(consortium, 'judge'), [], { nowMs: () => nowMs });
    await judging.network.start();
    const brief = makeIdentity(consortium, 'brief', { notAfter: '20900101000000Z' });
    const diallers = [makeNetwork(listed, [addressOf(judging)]), makeNetwork(brief, [addressOf(judging)])];
    for (const { network } of diallers) await network.start();
    await waitUntil('both are up', () => judging.network.peers().length === 2);
    judging.network.setAccess({ denied: [listed.nodeId], allowed: [] });
    expect(judging.network.peers().map(({ name }) => name)).toEqual(['brief']);
    nowMs = Date.UTC(2091, 0);
    judging.network.setAccess({ denied: [], allowed: [] });
    expect(judging.network.peers()).toEqual([]);
    const reasons = judging.log.map((line) => /reason=(\w+)/.exec(line)?.[1]);
    expect(reasons).toContain('AccessWithdrawn');
    expect(reasons).toContain('CertificateExpired');
    await Promise.all([judging, ...diallers].map(({ network }) => network.stop()));
  });
});

describe('bytes of strangers', () => {
  it.each<[string, Uint8Array]>([
    ['zeros', new Uint8Array(4096)],
    ['a length without an end', new Uint8Array(4 << 20).fill(0xff)],
    ['HTTP', Buffer.from(`GET / HTTP/1.1\r\nHost: ${'a'.repeat(600)}\r\n\r\n`)],
    ['TLS', Buffer.concat([Buffer.from('16030100c5010000c10303', 'hex'), new Uint8Array(512)])],
    ['a negotiation, and then garbage', Buffer.concat([NEGOTIATION, new Uint8Array(4 << 20).fill(0xff)])],
    ['a handshake message of no length, over and over', Buffer.concat([NEGOTIATION, new Uint8Array(1 << 20)])],
  ])('%s close the connection at once and keep nobody waiting', async (_, bytes) => {
    const socket = await rawConnection();
    const start = Date.now();
    socket.resume();
    socket.write(bytes);
    await isClosed(socket);
    expect(Date.now() - start).toBeLessThan(3000);
    expect(victim.network.peers()).toHaveLength(1);
  });
});

describe('bytes of members', () => {
  const member = makeIdentity(consortium, 'member');

  async function linked(): Promise<{ connection: Connection; streams: Stream[] }> {
    const connection = await attack({ identity: member });
    const streams = await openStreams(connection);
    for (const stream of streams) stream.send(GREETING);
    await waitUntil('the member is up', () => victim.network.peers().length === 2);
    return { connection, streams };
  }

  async function expectEnd(reason: string): Promise<void> {
    await waitUntil('the link ended', () => victim.network.peers().length === 1);
    expect(victim.log.find((line) => line.includes('link ended'))).toContain(`reason=${reason}`);
  }

  it.each<[string, number, Uint8Array, string]>([
    ['a frame beyond the limit', 0, frame(1, new Uint8Array(0), MAX_PAYLOAD_BYTES.consensus + 1), 'FrameTooLong'],
    ['a frame of 4 GiB', 1, Uint8Array.of(0xff, 0xff, 0xff, 0xff, 1, 0, 1), 'FrameTooLong'],
    ['a frame of no length', 2, new Uint8Array(7), 'FrameTooShort'],
    ['another version', 0, Uint8Array.of(0, 0, 0, 3, 9, 0, 1), 'UnknownFrameVersion'],
    ['a group that cannot be', 0, Uint8Array.of(0, 0, 0, 3, 1, 0xff, 0xff), 'BadGroup'],
  ])('%s ends the link', async (_, index, bytes, reason) => {
    const { streams } = await linked();
    streams[index]!.send(bytes);
    await expectEnd(reason);
  });

  it('what comes before a bad frame is delivered, what comes after is not', async () => {
    const { streams } = await linked();
    const good = frame(1, Uint8Array.of(1));
    streams[0]!.send(Uint8Array.from([...good, ...good, 0, 0, 0, 0, 0, 0, 0, ...good]));
    await expectEnd('FrameTooShort');
    expect(victim.messages).toHaveLength(2);
  });

  it('a fifth stream is reset', async () => {
    let raw: MessageStream | undefined;
    const muxer = (): StreamMuxerFactory => ({
      protocol: '/yamux/1.0.0',
      createStreamMuxer: (stream): StreamMuxer => boundedYamux(PROTOCOLS)().createStreamMuxer((raw = stream)),
    });
    const connection = await attack({ identity: member, muxer });
    for (const stream of await openStreams(connection)) stream.send(GREETING);
    await waitUntil('the member is up', () => victim.network.peers().length === 2);
    const reset = new Promise<void>((resolve) => {
      raw!.addEventListener('message', ({ data }) => {
        // Window update with the flag RST for stream 9.
        if (Buffer.from(data.subarray()).includes(Buffer.from('0001000800000009', 'hex'))) resolve();
      });
    });
    // Window update with the flag SYN for stream 9.
    raw!.send(Buffer.from('000100010000000900000000', 'hex'));
    await reset;
    expect(victim.network.peers()).toHaveLength(2);
  });

  it('a message before the greetings ends the link, and is not delivered', async () => {
    const streams = await openStreams(await attack({ identity: member }));
    streams[0]!.send(frame(1, Uint8Array.of(1)));
    await waitUntil('it ended', () => victim.log.some((line) => line.includes('reason=MessageBeforeGreeting')));
    expect(victim.messages).toHaveLength(0);
  });

  it('a connection that does not greet is not a peer', async () => {
    await openStreams(await attack({ identity: member }));
    await pause(200);
    expect(victim.network.peers()).toHaveLength(1);
  });

  it('a small packet whose length field claims a huge length, over and over, costs no memory', async () => {
    const rounds = async (count: number) => {
      for (let i = 0; i < count; i++) {
        // Below the rate at which the victim stops taking connections of one address.
        await pause(1500 / MAX_CONNECTIONS_PER_SECOND);
        const { connection, streams } = await linked();
        // In limits, but only a few bytes of it ever come; and then one beyond the limits.
        streams[1]!.send(frame(1, new Uint8Array(72), MAX_PAYLOAD_BYTES.sync));
        streams[2]!.send(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 1, 0, 1));
        await waitUntil('ended', () => victim.network.peers().length === 1);
        connection.abort(new Error('next'));
        await Promise.all(attackers.splice(0).map((attacker) => attacker.stop()));
      }
    };
    const used = async () => {
      await pause(50);
      collectGarbage();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    await rounds(10);
    const before = await used();
    await rounds(30);
    expect((await used()) - before).toBeLessThan(5_000_000);
  }, 30_000);

  it('a long frame that arrives byte by byte costs what it is long', async () => {
    const { streams } = await linked();
    collectGarbage();
    const before = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
    streams[1]!.send(frame(1, new Uint8Array(0), MAX_PAYLOAD_BYTES.sync));
    for (let i = 0; i < 20_000; i++) {
      if (!streams[1]!.send(Uint8Array.of(i & 255))) await streams[1]!.onDrain();
    }
    await pause(200);
    collectGarbage();
    const after = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
    expect(after - before).toBeLessThan(3_000_000);
    expect(victim.network.peers()).toHaveLength(2);
  });

  it('a muxer frame of 4 GiB ends the connection', async () => {
    let raw: MessageStream | undefined;
    const muxer = (): StreamMuxerFactory => ({
      protocol: '/yamux/1.0.0',
      createStreamMuxer: (stream): StreamMuxer => {
        raw = stream;
        return boundedYamux(PROTOCOLS)().createStreamMuxer(stream);
      },
    });
    const connection = await attack({ identity: member, muxer });
    for (const stream of await openStreams(connection)) stream.send(GREETING);
    await waitUntil('the member is up', () => victim.network.peers().length === 2);
    raw!.send(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff));
    await waitUntil('the link ended', () => victim.network.peers().length === 1);
  });
});
