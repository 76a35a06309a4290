import { afterEach, describe, expect, it } from 'vitest';
import { MAX_PAYLOAD_BYTES, MODULES } from './limits.js';
import { NetworkError } from './networkError.js';
import type { NodeNetworkOptions } from './libp2pNetwork.js';
import type { NetworkModule } from './ports.js';
import {
  addressOf,
  freePort,
  makeConsortium,
  makeIdentity,
  makeNetwork,
  pause,
  waitUntil,
  type TestIdentity,
  type TestNetwork,
} from './testNetworks.js';

describe.each(['standard', 'sm'] as const)('links of %s chains', (family) => {
  const consortium = makeConsortium(family);
  const others = makeConsortium(family === 'sm' ? 'standard' : 'sm');
  const started: TestNetwork[] = [];

  afterEach(async () => {
    await Promise.all(started.splice(0).map(({ network }) => network.stop()));
  });

  async function start(
    identity: TestIdentity,
    peers: readonly string[] = [],
    overrides: Partial<NodeNetworkOptions> = {},
  ): Promise<TestNetwork> {
    const test = makeNetwork(identity, peers, overrides);
    started.push(test);
    await test.network.start();
    return test;
  }

  /** Two networks of which the second dialled the first. */
  async function startPair(): Promise<[TestNetwork, TestNetwork]> {
    const a = await start(makeIdentity(consortium, 'a'));
    const b = await start(makeIdentity(consortium, 'b'), [addressOf(a)]);
    await waitUntil('both are up', () => isUp(a, b) && isUp(b, a));
    return [a, b];
  }

  function isUp(from: TestNetwork, to: TestNetwork): boolean {
    return from.network.peers().some(({ nodeId }) => nodeId === to.identity.nodeId);
  }

  /** A payload that tells its number and whether it is whole. */
  function numbered(number: number, length = 1000): Uint8Array {
    const payload = new Uint8Array(length).fill(number % 251);
    new DataView(payload.buffer).setUint32(0, number);
    return payload;
  }

  function numbersOf(test: TestNetwork, module: NetworkModule): number[] {
    return test.messages
      .filter(({ channel }) => channel.module === module)
      .map(({ payload }) => {
        const number = new DataView(payload.buffer, payload.byteOffset).getUint32(0);
        expect(payload.subarray(4).every((byte) => byte === number % 251)).toBe(true);
        return number;
      });
  }

  const sequence = (length: number) => Array.from({ length }, (_, i) => i);

  describe('links', () => {
    it('tells who is up, with names from the certificate', async () => {
      const [a, b] = await startPair();
      expect(b.network.peers()).toEqual([
        {
          nodeId: a.identity.nodeId,
          agency: family === 'sm' ? 'agency-gm' : 'agency',
          name: 'a',
          remoteAddress: addressOf(a),
        },
      ]);
      expect(a.network.peers()[0]).toMatchObject({ nodeId: b.identity.nodeId, name: 'b' });
      expect(a.network.peers()[0]?.remoteAddress).toMatch(/^127\.0\.0\.1:\d+$/);
    });

    it('four nodes that all dial all others, and themselves, keep one link for each pair', async () => {
      const ports = await Promise.all(sequence(4).map(() => freePort()));
      const peers = ports.map((port) => `127.0.0.1:${port}`);
      const all = await Promise.all(
        ports.map((listenPort, i) => start(makeIdentity(consortium, `node${i}`), peers, { listenPort })),
      );
      await waitUntil('all are up', () => all.every((from) => all.every((to) => from === to || isUp(from, to))));
      // Until the losing connections are closed.
      await pause(2500);
      for (const from of all) {
        expect(from.network.peers()).toHaveLength(3);
        expect(from.peerEvents.map(({ kind }) => kind)).toEqual(['up', 'up', 'up']);
        for (const to of all)
          if (to !== from) from.network.send(to.identity.nodeId, { group: 1, module: 'sync' }, numbered(1));
      }
      await waitUntil('all were told', () => all.every(({ messages }) => messages.length === 3));
    });

    it('carries all modules and groups both ways and keeps the order of each group in each module', async () => {
      const [a, b] = await startPair();
      for (const number of sequence(2000)) {
        for (const module of MODULES) {
          expect(a.network.send(b.identity.nodeId, { group: 1 + (number % 9), module }, numbered(number, 500))).toBe(
            true,
          );
          b.network.broadcast({ group: 32_767, module }, numbered(number, 5 + (number % 700)));
        }
        if (number % 200 === 0) await pause(1);
      }
      await waitUntil('all came', () => a.messages.length === 8000 && b.messages.length === 8000);
      for (const module of MODULES) {
        expect(numbersOf(a, module)).toEqual(sequence(2000));
        const numbers = numbersOf(b, module);
        for (const rest of sequence(9)) {
          const ofGroup = (number: number) => number % 9 === rest;
          expect(numbers.filter(ofGroup)).toEqual(sequence(2000).filter(ofGroup));
        }
      }
      expect(b.messages.every(({ from }) => from === a.identity.nodeId)).toBe(true);
      expect(new Set(a.messages.map(({ channel }) => channel.group))).toEqual(new Set([32_767]));
    });

    it('carries the longest payloads, both ways at once, and the empty one', async () => {
      const [a, b] = await startPair();
      for (const module of MODULES) {
        const payload = numbered(7, MAX_PAYLOAD_BYTES[module]);
        expect(a.network.send(b.identity.nodeId, { group: 1, module }, payload)).toBe(true);
        expect(b.network.send(a.identity.nodeId, { group: 1, module }, payload)).toBe(true);
      }
      expect(a.network.send(b.identity.nodeId, { group: 1, module: 'sync' }, new Uint8Array(0))).toBe(true);
      await waitUntil('all came', () => a.messages.length === 4 && b.messages.length === 5);
      for (const module of MODULES) expect(numbersOf(a, module)).toEqual([7]);
      const lengths = b.messages.map(({ payload }) => payload.length).sort((x, y) => x - y);
      const { transactions, amop, consensus, sync } = MAX_PAYLOAD_BYTES;
      expect(lengths).toEqual([0, transactions, amop, consensus, sync]);
    });

    it('a broadcast to some reaches those only', async () => {
      const [a, b] = await startPair();
      const c = await start(makeIdentity(consortium, 'c'), [addressOf(a)]);
      await waitUntil('c is up', () => isUp(a, c));
      a.network.broadcast({ group: 1, module: 'sync' }, numbered(1), [c.identity.nodeId, 'no such node']);
      await waitUntil('c was told', () => c.messages.length === 1);
      await pause(50);
      expect(b.messages).toHaveLength(0);
    });

    it('consensus overtakes bulk that waits', async () => {
      const [a, b] = await startPair();
      for (const number of sequence(15))
        a.network.send(b.identity.nodeId, { group: 1, module: 'sync' }, numbered(number, 1 << 20));
      await waitUntil('bulk is under way', () => b.messages.length > 0);
      a.network.send(b.identity.nodeId, { group: 1, module: 'consensus' }, numbered(1));
      await waitUntil('all came', () => b.messages.length === 16);
      const place = b.messages.findIndex(({ channel }) => channel.module === 'consensus');
      expect(place).toBeLessThan(12);
    });
  });

  describe('what cannot be sent', () => {
    it('is answered with false', async () => {
      const [a, b] = await startPair();
      const to = b.identity.nodeId;
      expect(a.network.send('ff'.repeat(64), { group: 1, module: 'sync' }, numbered(1))).toBe(false);
      expect(a.network.send(to, { group: 0, module: 'sync' }, numbered(1))).toBe(false);
      expect(a.network.send(to, { group: 32_768, module: 'sync' }, numbered(1))).toBe(false);
      for (const module of MODULES) {
        const tooLong = new Uint8Array(MAX_PAYLOAD_BYTES[module] + 1);
        expect(a.network.send(to, { group: 1, module }, tooLong)).toBe(false);
        a.network.broadcast({ group: 1, module }, tooLong);
      }
      await a.network.stop();
      expect(a.network.send(to, { group: 1, module: 'sync' }, numbered(1))).toBe(false);
      a.network.broadcast({ group: 1, module: 'sync' }, numbered(1));
      expect(a.network.peers()).toEqual([]);
      expect(b.messages).toHaveLength(0);
    });

    it('sync is refused by a full queue; transactions drop the oldest', async () => {
      const [a, b] = await startPair();
      const to = b.identity.nodeId;
      expect(a.network.send(to, { group: 1, module: 'sync' }, numbered(0, 8 << 20))).toBe(true);
      expect(a.network.send(to, { group: 1, module: 'sync' }, numbered(1, 8 << 20))).toBe(false);
      for (const number of sequence(20)) {
        expect(a.network.send(to, { group: 1, module: 'transactions' }, numbered(number, 1 << 20))).toBe(true);
      }
      await waitUntil(
        'the last came',
        () => numbersOf(b, 'transactions').includes(19) && numbersOf(b, 'sync').length > 0,
      );
      expect(numbersOf(b, 'sync')).toEqual([0]);
      expect(numbersOf(b, 'transactions')).toEqual([13, 14, 15, 16, 17, 18, 19]);
      expect(a.network.send(to, { group: 1, module: 'sync' }, numbered(1))).toBe(true);
    });

    it('a full consensus queue ends the link, which then comes back', async () => {
      const [a, b] = await startPair();
      const results = sequence(6).map((number) =>
        b.network.send(a.identity.nodeId, { group: 1, module: 'consensus' }, numbered(number, 7 << 20)),
      );
      expect(results).toEqual([true, true, true, true, false, false]);
      expect(b.peerEvents.map(({ kind }) => kind)).toEqual(['up', 'down']);
      expect(b.log.some((line) => line.includes('reason=ConsensusQueueFull'))).toBe(true);
      await waitUntil('it is back', () => isUp(a, b) && isUp(b, a));
    });
  });

  describe('start and stop', () => {
    it('a peer that stops goes down at once and comes back when it starts again', async () => {
      const listenPort = await freePort();
      const a = await start(makeIdentity(consortium, 'a'), [], { listenPort });
      const b = await start(makeIdentity(consortium, 'b'), [`localhost:${listenPort}`]);
      await waitUntil('up', () => isUp(a, b) && isUp(b, a));
      await a.network.stop();
      await a.network.stop();
      await waitUntil('down', () => b.network.peers().length === 0, 2000);
      await waitUntil('dials in vain', () => b.log.some((line) => line.includes('peer not reached')));
      await a.network.start();
      await waitUntil('up again', () => isUp(a, b) && isUp(b, a));
      b.network.broadcast({ group: 1, module: 'consensus' }, numbered(5));
      await waitUntil('it works', () => numbersOf(a, 'consensus').includes(5));
      for (const test of [a, b]) expect(test.peerEvents.map(({ kind }) => kind)).toEqual(['up', 'down', 'up']);
    });

    it('leaves no handle behind', async () => {
      const count = () => process.getActiveResourcesInfo().filter((kind) => kind !== 'PipeWrap').length;
      const before = count();
      const [a, b] = await startPair();
      a.network.send(b.identity.nodeId, { group: 1, module: 'sync' }, numbered(1, 4 << 20));
      expect(count()).toBeGreaterThan(before);
      await Promise.all([a.network.stop(), b.network.stop()]);
      await waitUntil('all is closed', () => count() <= before, 5000);
      const delivered = b.messages.length;
      await pause(100);
      expect(b.messages.length).toBe(delivered);
      expect(a.peerEvents.map(({ kind }) => kind)).toEqual(['up', 'down']);
    });

    it('its own address by another name is noticed and given up', async () => {
      const listenPort = await freePort();
      const a = await start(makeIdentity(consortium, 'a'), [`127.0.0.2:${listenPort}`], {
        listenAddress: '0.0.0.0',
        listenPort,
      });
      await pause(1500);
      expect(a.peerEvents).toEqual([]);
      expect(a.log.filter((line) => !line.includes('listening'))).toEqual([]);
    });

    it('works over IPv6 and reads IPv4 on a dual-stack port', async () => {
      const a = await start(makeIdentity(consortium, 'a'), [], { listenAddress: '::' });
      const port = a.network.listening!.port;
      const b = await start(makeIdentity(consortium, 'b'), [`[::1]:${port}`]);
      const c = await start(makeIdentity(consortium, 'c'), [`127.0.0.1:${port}`]);
      await waitUntil('both are up', () => isUp(a, b) && isUp(a, c));
      const addresses = a.network.peers().map(({ name, remoteAddress }) => [name, remoteAddress.replace(/:\d+$/, '')]);
      expect(Object.fromEntries(addresses)).toEqual({ b: '[::1]', c: '127.0.0.1' });
    });

    it.each<[string, () => Promise<Partial<NodeNetworkOptions>>, string, RegExp]>([
      [
        'a busy port',
        async () => ({ listenPort: (await start(makeIdentity(consortium, 'other'))).network.listening!.port }),
        'network/port-in-use',
        /127\.0\.0\.1:\d+, is in use by another process/,
      ],
      [
        'an address of nobody here',
        async () => ({ listenAddress: '203.0.113.7' }),
        'network/listen-failed',
        /this machine has no such address/,
      ],
      ['no address', async () => ({ listenAddress: 'node0' }), 'network/bad-address', /must be an IP address/],
      [
        'a bad peer',
        async () => ({ peers: ['127.0.0.1'] }),
        'network/bad-address',
        /"127.0.0.1" cannot be used: expected/,
      ],
      ['too many peers', async () => ({ peers: Array(101).fill('a:1') }), 'network/too-many-peers', /at most 100/],
      [
        'a bad key',
        async () => ({ privateKeyPem: 'x' }),
        'network/bad-key',
        /private key is not one private key in PEM/,
      ],
      [
        "another's key",
        async () => ({ privateKeyPem: makeIdentity(consortium, 'z').privateKeyPem }),
        'network/bad-certificate',
        /another key/,
      ],
      [
        "another consortium's certificate",
        async () => ({ authorityPems: [makeConsortium(family).chain.pem] }),
        'network/bad-certificate',
        /UnknownAuthority/,
      ],
      [
        'a certificate of the other family',
        async () => {
          const { certificatePem, authorityPems } = makeIdentity(others, 'a');
          return { certificatePem, authorityPems };
        },
        'network/bad-certificate',
        /it is for a key of (SM2|secp256k1) and the configured key is one of (SM2|secp256k1); both must be of one kind/,
      ],
      [
        'authorities of the other family',
        async () => ({ authorityPems: [others.chain.pem] }),
        'network/bad-certificate',
        /MixedAlgorithms/,
      ],
      [
        'an expired certificate',
        async () => ({ nowMs: () => Date.UTC(2121, 0) }),
        'network/bad-certificate',
        /Expired/,
      ],
    ])('%s is answered with a code and a sentence', async (_, overrides, code, sentence) => {
      const test = makeNetwork(makeIdentity(consortium, 'a'), [], await overrides());
      const error: unknown = await test.network.start().catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(NetworkError);
      expect(error).toMatchObject({ code });
      expect((error as NetworkError).message).toMatch(sentence);
      expect(test.network.listening).toBeUndefined();
      await test.network.stop();
    });
  });
});
