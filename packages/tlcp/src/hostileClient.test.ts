import { SeededRandom } from '@menglian/base/seededRandom';
import { describe, expect, it } from 'vitest';
import { HANDSHAKE_MESSAGE_BYTES_MAX } from './limits.js';
import { RecordProtection } from './recordProtection.js';
import { masterSecret, sessionKeys } from './keySchedule.js';
import { testCiphers } from './testing/testCiphers.js';
import { TestClient, type ClientMessage, type TestClientOptions } from './testing/testClient.js';
import { TestPair, testOptions } from './testing/testServer.js';

const IS_LONG = process.env['MENGLIAN_LONG'] === '1';
/** Records that are changed after they were encrypted. */
const RECORDS = IS_LONG ? 1_000_000 : 3000;
/** Connections of which something is changed. */
const CONNECTIONS = IS_LONG ? 3_000 : 60;

const TIMEOUT_MS = IS_LONG ? 3_600_000 : 60_000;

/** Another message of about the same length: bits turned, bytes left out, doubled, put in, or the end cut off. */
function changed(bytes: Uint8Array, random: SeededRandom): Buffer {
  const at = random.below(bytes.length);
  const before = bytes.subarray(0, at);
  const after = bytes.subarray(at);
  const length = 1 + random.below(8);
  switch (random.below(6)) {
    case 0:
      return Buffer.concat([before, Buffer.from([after[0]! ^ (1 << random.below(8))]), after.subarray(1)]);
    case 1:
      return Buffer.concat([before, Buffer.from([random.pick([0, 1, 0x7f, 0x80, 0xff])]), after.subarray(1)]);
    case 2:
      return Buffer.concat([before, after.subarray(length)]);
    case 3:
      return Buffer.concat([before, random.bytes(length), after]);
    case 4:
      return Buffer.concat([before, after.subarray(0, length), after]);
    default:
      return Buffer.from(before);
  }
}

const KINDS: readonly Partial<TestClientOptions>[] = [
  { suites: [0xe053] },
  { suites: [0xe013] },
  { suites: [0xe051] },
  { suites: [0xe011], group: 29, version: 0x0303, secretVersion: 0x0303 },
];
const MESSAGES: readonly ClientMessage[] = [
  'clientHello',
  'certificate',
  'clientKeyExchange',
  'certificateVerify',
  'finished',
];

/** Says what must hold of every connection, whatever came. The client may notice that something is wrong and throw. */
function survives(pair: TestPair, run: () => void): void {
  try {
    run();
  } catch (error) {
    expect(String(error)).toMatch(/wrong|RangeError|ERR_|undefined|Invalid|bad|message/);
  }
  const ends = pair.events.filter(({ kind }) => kind === 'end');
  expect(ends.length).toBeLessThanOrEqual(1);
  if (ends.length === 1) expect(pair.events.at(-1)!.kind).toBe('end');
  expect(pair.client.alerts.length).toBeLessThanOrEqual(1);
}

describe('a hostile client', { timeout: TIMEOUT_MS }, () => {
  it('gets nowhere with messages that are changed', () => {
    const random = new SeededRandom(20_200);
    for (let i = 0; i < CONNECTIONS; i++) {
      const name = MESSAGES[i % MESSAGES.length]!;
      let isChanged = false;
      const change = (one: ClientMessage, message: Buffer) => {
        if (one !== name) return message;
        const other = changed(message, random);
        isChanged = !other.equals(message);
        return other;
      };
      const pair = new TestPair(new TestClient({ ...random.pick(KINDS), change }));
      survives(pair, () => pair.handshake());
      // Every message is under the client's Finished, so none can be changed unnoticed.
      if (isChanged) expect(pair.server.isOpen).toBe(false);
    }
  });

  it('gets nowhere with a stream that is changed', () => {
    const random = new SeededRandom(38_636);
    for (let i = 0; i < CONNECTIONS; i++) {
      const pair = new TestPair(new TestClient(random.pick(KINDS)));
      const changedFlight = i % 2;
      survives(pair, () => {
        let bytes = pair.client.hello();
        for (let flight = 0; bytes.length > 0; flight++) {
          const events = pair.server.receive(flight === changedFlight ? changed(bytes, random) : bytes);
          pair.events.push(...events);
          bytes = Buffer.concat(
            events.map((event) => (event.kind === 'send' ? pair.client.receive(event.bytes) : Buffer.alloc(0))),
          );
        }
      });
    }
  });

  it('gets nothing but one alert for random bytes after a valid beginning', () => {
    const random = new SeededRandom(7);
    for (let i = 0; i < CONNECTIONS * 10; i++) {
      const pair = new TestPair(new TestClient());
      const type = random.pick([20, 21, 22, 23]);
      const content = random.bytes(random.below(100));
      survives(pair, () => pair.deliver(pair.client.seal(type, content)));
      expect(pair.server.isOpen).toBe(false);
    }
  });

  it('cannot hide a change of an encrypted record', () => {
    const random = new SeededRandom(53);
    const randoms = { client: random.bytes(32), server: random.bytes(32) };
    const master = masterSecret(random.bytes(48), randoms);
    for (const mode of ['gcm', 'cbc'] as const) {
      const { client } = testCiphers(mode, 0x0101, master, randoms);
      const keys = sessionKeys(master, randoms, mode).client;
      const server = new RecordProtection(mode, keys, 0x0101, (length) => random.bytes(length));
      let hidden = 0;
      for (let i = 0; i < RECORDS / 2; i++) {
        const sealed = client.seal(23, random.bytes(random.below(40)));
        const other = changed(sealed, random);
        const isOpened = server.open(23, other) !== undefined;
        if (isOpened !== other.equals(sealed)) hidden += 1;
      }
      expect(hidden).toBe(0);
    }
  });

  it('cannot make it hold more than one message', () => {
    const pair = new TestPair(new TestClient());
    const claimed = HANDSHAKE_MESSAGE_BYTES_MAX;
    pair.deliver(pair.client.seal(22, Buffer.from([1, 0, claimed >> 8, claimed & 0xff])));
    for (let sent = 0; sent < claimed - 1; sent += 1) pair.server.receive(pair.client.seal(22, Buffer.alloc(1)));
    expect(pair.server.hasEnded).toBe(false);
    pair.deliver(pair.client.seal(22, Buffer.alloc(1)));
    expect([pair.end, pair.client.alerts]).toEqual(['malformed ClientHello', ['2.50']]);
  });

  it('cannot leave out its certificate or its proof', () => {
    for (const left of ['certificate', 'certificateVerify']) {
      const change = (name: ClientMessage, message: Buffer) => (name === left ? Buffer.alloc(0) : message);
      const pair = new TestPair(new TestClient({ change }), testOptions()).handshake();
      expect([pair.server.isOpen, pair.client.alerts]).toEqual([false, ['2.10']]);
    }
  });

  it('cannot send anything twice in its handshake', () => {
    for (const doubled of MESSAGES) {
      const change = (name: ClientMessage, message: Buffer) =>
        name === doubled ? Buffer.concat([message, message]) : message;
      const pair = new TestPair(new TestClient({ change }));
      survives(pair, () => pair.handshake());
      expect(pair.client.alerts).toEqual(['2.10']);
    }
  });
});
