import { describe, expect, it } from 'vitest';
import { Alert } from './alert.js';
import { CIPHER_SUITES } from './cipherSuites.js';
import { EMPTY_RECORDS_MAX, RECORD_CONTENT_BYTES_MAX, SESSION_LIFETIME_MS, WARNINGS_MAX } from './limits.js';
import { SessionCache } from './sessionCache.js';
import { number, TestClient, vector, type TestClientOptions } from './testing/testClient.js';
import { TestPair, testOptions } from './testing/testServer.js';

const HELLO = Buffer.from('hello');

function open(options: Partial<TestClientOptions> = {}, server = testOptions()): TestPair {
  const pair = new TestPair(new TestClient(options), server).handshake();
  expect(pair.end).toBeUndefined();
  expect(pair.client.isOpen).toBe(true);
  return pair;
}

/** Both directions carry content. */
function talks(pair: TestPair): void {
  pair.deliver(pair.client.seal(23, HELLO));
  expect(pair.data.map((bytes) => Buffer.from(bytes).toString())).toEqual(['hello']);
  pair.client.receive(pair.server.seal(Buffer.from('good day'))!);
  expect(pair.client.data.map(String)).toEqual(['good day']);
}

describe('a connection', () => {
  for (const version of [0x0101, 0x0303]) {
    for (const { code, name, keyExchange } of CIPHER_SUITES) {
      for (const isTassl of keyExchange === 'agreed' ? [false, true] : [false]) {
        it(`opens with ${name} under version ${version.toString(16)}${isTassl ? ', the client being TASSL' : ''}`, () => {
          const options = { version, secretVersion: version, suites: [code], group: isTassl ? 29 : 41 };
          const pair = open(options);
          expect(pair.events.find((event) => event.kind === 'open')).toMatchObject({ suite: name });
          talks(pair);
        });
      }
    }
  }

  it.each([
    ['RFC 8998, beside X25519', 41, [29, 23]],
    ['TASSL 1.1.1, beside X25519', 249, [29, 23, 30]],
    ['TASSL 1.0.2', 29, [23]],
  ])('knows the number of the curve by %s', (_, group, otherGroups) => {
    talks(open({ suites: [0xe011], group, otherGroups }));
  });

  it('knows the client by the certificate that signed', () => {
    const event = open().events.find((one) => one.kind === 'open');
    expect(event?.kind === 'open' && Buffer.from(event.client!.certificate).toString('latin1')).toContain(
      'client signs',
    );
  });

  it('opens without asking who the client is', () => {
    const pair = open({}, testOptions({ clients: undefined }));
    expect(pair.events.find((event) => event.kind === 'open')).toMatchObject({ client: undefined });
    expect(pair.client.certificateRequest).toHaveLength(0);
    talks(pair);
  });

  it('asks for certificates of SM2 below its authorities', () => {
    expect(open().client.certificateRequest.toString('hex')).toBe('014000070005636861696e');
    const tassl = open({ version: 0x0303, secretVersion: 0x0303, suites: [0xe013] });
    expect(tassl.client.certificateRequest.toString('hex')).toBe('01400002070300070005636861696e');
  });

  it('takes the signature over the messages themselves, as GmSSL 3 makes it', () => {
    talks(open({ proof: 'messages' }));
  });

  it('tells clients that ask that it knows of safe renegotiation, and nothing to others', () => {
    const answers = [true, false].map((signalsRenegotiation) => {
      const connection = new TestPair(new TestClient({ signalsRenegotiation }));
      const [event] = connection.server.receive(connection.client.hello());
      const hello = Buffer.from(event?.kind === 'send' ? event.bytes : []).subarray(5);
      return hello.subarray(4 + 2 + 32 + 33 + 3, 4 + hello.readUIntBE(1, 3)).toString('hex');
    });
    expect(answers).toEqual(['0005ff01000100', '']);
  });

  it('prefers what is first in its own list', () => {
    const event = open({ suites: [0xe011, 0xe013, 0xe053] }).events.find((one) => one.kind === 'open');
    expect(event).toMatchObject({ suite: 'ECC_SM4_GCM_SM3' });
  });

  it('puts messages together from records of one byte', () => {
    const pair = open({ recordBytes: 1 });
    talks(pair);
  });

  it('reads bytes that come one by one', () => {
    const client = new TestClient();
    const pair = new TestPair(client);
    const deliver = (bytes: Buffer): void => {
      for (const byte of bytes) {
        for (const event of pair.server.receive(Buffer.from([byte]))) {
          pair.events.push(event);
          if (event.kind === 'send') deliver(client.receive(event.bytes));
        }
      }
    };
    deliver(client.hello());
    deliver(client.seal(23, HELLO));
    expect(pair.data).toHaveLength(1);
  });

  it('gives each call of seal records of its own, and cuts what is longer than one', () => {
    const pair = open();
    const long = Buffer.alloc(2 * RECORD_CONTENT_BYTES_MAX + 1, 7);
    pair.client.receive(pair.server.seal(long)!);
    expect(pair.client.data.map(({ length }) => length)).toEqual([16_384, 16_384, 1]);
    expect(Buffer.concat(pair.client.data).equals(long)).toBe(true);
  });

  it('says goodbye when the client does', () => {
    const pair = open();
    pair.deliver(pair.client.seal(21, Buffer.from([1, 0])));
    expect([pair.end, pair.client.alerts]).toEqual(['goodbye', ['1.0']]);
    expect(pair.server.receive(pair.client.seal(23, HELLO))).toEqual([]);
    expect(pair.server.close()).toHaveLength(0);
  });

  it('says goodbye itself', () => {
    const pair = open();
    pair.client.receive(pair.server.close());
    expect(pair.client.alerts).toEqual(['1.0']);
    expect(pair.server.receive(pair.client.seal(23, HELLO))).toEqual([]);
  });
});

describe('a session', () => {
  function resumed(changes: Partial<TestClientOptions> = {}, nowMs = 1) {
    const now = { ms: 0 };
    const server = testOptions({ sessions: new SessionCache(() => now.ms) });
    const first = open({}, server);
    now.ms = nowMs;
    const resume = { sessionId: first.client.sessionId, master: first.client.master };
    const second = new TestPair(new TestClient({ resume, ...changes }), server).handshake();
    return { first, second, server, isResumed: second.client.sessionId.equals(first.client.sessionId) };
  }

  it('is resumed by its id, and the client is still known', () => {
    const { second, isResumed } = resumed();
    expect([second.end, isResumed]).toEqual([undefined, true]);
    expect(second.events.find((event) => event.kind === 'open')).toMatchObject({
      client: { signingKey: expect.anything() },
    });
    talks(second);
  });

  it.each([
    ['after its time', {}, SESSION_LIFETIME_MS],
    ['under another version', { version: 0x0303, secretVersion: 0x0303 }, 1],
    ['with other suites', { suites: [0xe013] }, 1],
  ] as const)('is not resumed %s, but begun anew', (_, changes, nowMs) => {
    const { second, isResumed } = resumed(changes, nowMs);
    expect([second.end, isResumed]).toEqual([undefined, false]);
    talks(second);
  });

  it('is not resumed by who does not know its secret', () => {
    const server = testOptions();
    const first = open({}, server);
    const resume = { sessionId: first.client.sessionId, master: Buffer.alloc(48) };
    const thief = new TestPair(new TestClient({ resume }), server);
    expect(() => thief.handshake()).toThrow('wrong');
  });

  it('is forgotten when a connection of it ends with a fault', () => {
    const { first, server } = resumed();
    first.deliver(Buffer.from('1703010005', 'hex'));
    first.deliver(Buffer.alloc(5));
    const resume = { sessionId: first.client.sessionId, master: first.client.master };
    const third = open({ resume }, server);
    expect(third.client.sessionId.equals(first.client.sessionId)).toBe(false);
  });
});

/** Alerts that a client gets after it has opened a connection and then sent something. */
function afterOpening(send: (pair: TestPair) => void, options: Partial<TestClientOptions> = {}): string[] {
  const pair = open(options);
  send(pair);
  expect(pair.end).not.toBe('goodbye');
  expect(pair.server.hasEnded).toBe(pair.end !== undefined);
  return pair.client.alerts;
}

/** The alert that answers a handshake, and the reason for the log. */
function refusal(options: Partial<TestClientOptions>, server = testOptions()): [string | undefined, string[]] {
  const pair = new TestPair(new TestClient(options), server).handshake();
  expect(pair.events.filter(({ kind }) => kind === 'open')).toEqual([]);
  return [pair.end, pair.client.alerts];
}

function changed(name: string, change: (message: Buffer) => void): Partial<TestClientOptions> {
  return {
    change: (one, message) => {
      const copy = Buffer.from(message);
      if (one === name) change(copy);
      return copy;
    },
  };
}

describe('what is refused', () => {
  it.each([
    ['a version that is not spoken', { version: 0x0302 }, 'version 0x0302', Alert.protocolVersion],
    ['SSL 3', { version: 0x0300 }, 'version 0x0300', Alert.protocolVersion],
    ['suites without SM', { suites: [0xc02f, 0x009c] }, 'is it set to SM', Alert.handshakeFailure],
    [
      'compression',
      changed('clientHello', (message) => message.writeUInt8(1, 44)),
      'compression',
      Alert.handshakeFailure,
    ],
    ['no certificate', { hasCertificate: false }, 'no certificate', Alert.handshakeFailure],
    [
      'a certificate of others',
      changed('certificate', (message) => message.write('x', 12)),
      'not a client of the tests',
      Alert.badCertificate,
    ],
    [
      'a proof that is wrong',
      changed('certificateVerify', (message) => message.writeUInt8(message.at(-1)! ^ 1, message.length - 1)),
      'did not prove',
      Alert.decryptError,
    ],
    ["TASSL's proof under TLCP", { proof: 'bare' }, 'did not prove', Alert.decryptError],
    [
      "the standard's proof under TLS 1.2",
      { version: 0x0303, secretVersion: 0x0303, proof: 'hash' },
      'did not prove',
      Alert.decryptError,
    ],
    [
      'a point beside the curve',
      { suites: [0xe011], ...changed('clientKeyExchange', (message) => message.writeUInt8(message.at(-1)! ^ 1, 74)) },
      'not on the curve',
      Alert.illegalParameter,
    ],
    [
      'a wrong end',
      changed('finished', (message) => message.writeUInt8(message[4]! ^ 1, 4)),
      'differ',
      Alert.decryptError,
    ],
    ['a message in the wrong place', changed('certificate', (message) => message.writeUInt8(16, 0)), '', 10],
  ] as const)('%s', (_, options, reason, alert) => {
    const [end, alerts] = refusal(options);
    expect(end).toContain(reason);
    expect(alerts).toEqual([`2.${alert}`]);
  });

  it('a client with one certificate where the secret is agreed on', () => {
    const clients = testOptions().clients!;
    const verify: typeof clients.verify = (certificates) => clients.verify(certificates.slice(0, 1));
    const [end, alerts] = refusal({ suites: [0xe051] }, testOptions({ clients: { ...clients, verify } }));
    expect(end).toContain('second certificate');
    expect(alerts).toEqual(['2.42']);
  });

  it('an agreed secret with nobody known', () => {
    expect(refusal({ suites: [0xe051] }, testOptions({ clients: undefined }))[1]).toEqual(['2.40']);
  });

  it('a wrong secret in one and the same way, whatever is wrong with it', () => {
    const seen = [
      { secretVersion: 0x0302 },
      // The hash in the ciphertext, its point, its form, its length.
      changed('clientKeyExchange', (message) => message.writeUInt8(message[90]! ^ 1, 90)),
      changed('clientKeyExchange', (message) => message.writeUInt8(message[30]! ^ 1, 30)),
      changed('clientKeyExchange', (message) => message.writeUInt8(0x31, 6)),
      { change: (name: string, message: Buffer) => (name === 'clientKeyExchange' ? shortSecret(message) : message) },
    ].map((options) => {
      // Nobody signs the messages here, for the signature would not hold either.
      const [end, alerts] = refusal(options, testOptions({ clients: undefined }));
      return `${end} ${alerts.join()}`;
    });
    expect(new Set(seen)).toEqual(new Set(['a record was changed on its way 2.20']));
  });

  it('bytes of other protocols', () => {
    for (const text of [
      'GET / HTTP/1.1\r\n\r\n',
      '\u0000\u0000\u0000*\u0000\u0012',
      '\u0016\u0002\u0000',
      'SSH-2.0-x',
    ]) {
      const pair = new TestPair(new TestClient());
      pair.deliver(Buffer.from(text, 'latin1'));
      expect([pair.end, pair.client.alerts]).toEqual(['the client speaks neither TLCP nor TLS', ['2.10']]);
    }
  });

  it('a record that claims more than one holds, at its header', () => {
    const pair = new TestPair(new TestClient());
    pair.deliver(Buffer.from('1601014801', 'hex'));
    expect([pair.end, pair.client.alerts]).toEqual(['a record is too long', ['2.22']]);
  });

  it('a message that claims more than one holds, at its header', () => {
    const pair = new TestPair(new TestClient());
    pair.deliver(Buffer.from('160101000401008001', 'hex'));
    expect([pair.end, pair.client.alerts]).toEqual(['a message is too long', ['2.47']]);
  });

  it('content that is longer than a record may hold', () => {
    const alerts = afterOpening((pair) =>
      pair.deliver(pair.client.seal(23, Buffer.alloc(RECORD_CONTENT_BYTES_MAX + 1))),
    );
    expect(alerts).toEqual(['2.22']);
  });

  it('another version in the midst', () => {
    const alerts = afterOpening((pair) => {
      const record = pair.client.seal(23, HELLO);
      record.writeUInt16BE(0x0303, 1);
      pair.deliver(record);
    });
    expect(alerts).toEqual(['2.70']);
  });

  it('another handshake', () => {
    const alerts = afterOpening((pair) => {
      pair.deliver(pair.client.seal(22, new TestClient().hello().subarray(5)));
      expect(pair.end).toContain('another handshake');
    });
    expect(alerts).toEqual(['2.100']);
  });

  it('a record twice, left out, or changed in any byte', () => {
    for (const suites of [[0xe053], [0xe013]]) {
      const twice = afterOpening(
        (pair) => {
          const record = pair.client.seal(23, HELLO);
          pair.deliver(record);
          pair.deliver(record);
        },
        { suites },
      );
      const leftOut = afterOpening(
        (pair) => {
          pair.client.seal(23, HELLO);
          pair.deliver(pair.client.seal(23, HELLO));
        },
        { suites },
      );
      expect([twice, leftOut]).toEqual([['2.20'], ['2.20']]);
    }
  });

  it.each([
    ['a change of ciphers too early', number(1, 1), '2.10'],
    ['a change of ciphers that is none', number(1, 2), '2.50'],
  ])('%s', (_, content, alert) => {
    const pair = new TestPair(new TestClient());
    pair.deliver(pair.client.seal(20, content));
    expect(pair.client.alerts).toEqual([alert]);
  });

  it('a change of ciphers in the midst of a message', () => {
    const change: TestClientOptions['change'] = (name, message) =>
      name === 'certificateVerify' ? Buffer.concat([message, Buffer.from([20, 0])]) : message;
    const [end, alerts] = refusal({ change });
    expect([end, alerts]).toEqual(['a message was interrupted', ['2.10']]);
  });

  it('data before the handshake, empty handshakes, alerts that are none', () => {
    for (const [type, content, alert] of [
      [23, HELLO, '2.10'],
      [22, Buffer.alloc(0), '2.10'],
      [21, Buffer.from([1]), '2.50'],
      [21, Buffer.from([3, 0]), '2.50'],
    ] as const) {
      const pair = new TestPair(new TestClient());
      pair.deliver(pair.client.seal(type, content));
      expect(pair.client.alerts).toEqual([alert]);
    }
  });

  it('records without content and warnings, beyond a number', () => {
    const empties = (count: number) =>
      afterOpening((pair) => {
        for (let i = 0; i < count; i++) pair.deliver(pair.client.seal(23, Buffer.alloc(0)));
      });
    expect([empties(EMPTY_RECORDS_MAX), empties(EMPTY_RECORDS_MAX + 1)]).toEqual([[], ['2.10']]);
    const warnings = (count: number) =>
      afterOpening((pair) => {
        for (let i = 0; i < count; i++) pair.deliver(pair.client.seal(21, Buffer.from([1, 90])));
      });
    expect([warnings(WARNINGS_MAX), warnings(WARNINGS_MAX + 1)]).toEqual([[], ['2.10']]);
  });

  it('what the client itself ended, with its reason', () => {
    const pair = open();
    pair.deliver(pair.client.seal(21, Buffer.from([2, 42])));
    expect([pair.end, pair.client.alerts]).toEqual(['the client ended it: bad certificate (42)', []]);
  });
});

/** A ClientKeyExchange with too little in it. */
function shortSecret(message: Buffer): Buffer {
  const body = vector(2, message.subarray(6, 20));
  return Buffer.concat([message.subarray(0, 1), vector(3, body)]);
}
