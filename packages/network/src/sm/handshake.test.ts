import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { toHex } from '@menglian/base/bytes';
import { sm2PublicKey } from '@menglian/crypto/sm2';
import { initiate, respond, type HandshakeConnection, type HandshakeParty } from './handshake.js';
import { SecondLink } from './testing/secondLink.js';

/** A party whose chain is the hexadecimal text of its key. */
function makeParty(): HandshakeParty {
  const [privateKey, ephemeral] = [randomBytes(32), randomBytes(32)].map((bytes) => bytes.fill(0x7f, 0, 1)) as [
    Buffer,
    Buffer,
  ];
  const publicKey = sm2PublicKey(privateKey);
  return {
    privateKey,
    publicKey,
    certificateChain: toHex(publicKey),
    ephemeral: { privateKey: ephemeral, publicKey: sm2PublicKey(ephemeral) },
    verify: (chain) => ({ algorithm: 'sm2', nodeId: chain, agency: 'agency', commonName: 'node' }),
    refusal: () => undefined,
  };
}

class End implements HandshakeConnection {
  readonly sent: Uint8Array[] = [];
  #incoming = Buffer.alloc(0);
  #wake: () => void = () => {};
  other: End | undefined;

  send(bytes: Uint8Array): void {
    this.sent.push(bytes);
    this.other?.deliver(bytes);
  }

  deliver(bytes: Uint8Array): void {
    this.#incoming = Buffer.concat([this.#incoming, bytes]);
    this.#wake();
  }

  async read(length: number): Promise<Uint8Array> {
    while (this.#incoming.length < length) await new Promise<void>((resolve) => (this.#wake = resolve));
    const bytes = this.#incoming.subarray(0, length);
    this.#incoming = this.#incoming.subarray(length);
    return bytes;
  }
}

function connect(): [End, End] {
  const [a, b] = [new End(), new End()];
  a.other = b;
  b.other = a;
  return [a, b];
}

describe('handshake', () => {
  it('gives both sides each other and the same keys', async () => {
    const [a, b] = connect();
    const [one, two] = [makeParty(), makeParty()];
    const [initiator, responder] = await Promise.all([initiate(a, one), respond(b, two)]);
    expect(initiator.node.nodeId).toBe(toHex(two.publicKey));
    expect(responder.node.nodeId).toBe(toHex(one.publicKey));
    const content = Uint8Array.of(1, 2, 3);
    expect(responder.opener.open(initiator.sealer.seal(content))).toEqual(content);
    expect(initiator.opener.open(responder.sealer.seal(content))).toEqual(content);
  });

  it('agrees with the second implementation as initiator', async () => {
    const [a, b] = connect();
    const [one, two] = [makeParty(), makeParty()];
    const running = initiate(a, one);
    const second = new SecondLink({
      role: 'responder',
      ephemeralKey: Buffer.from(two.ephemeral.privateKey),
      privateKey: Buffer.from(two.privateKey),
      chain: two.certificateChain,
      keyOf: (chain) => Buffer.from(chain, 'hex'),
    });
    await b.read(2);
    second.agree(Buffer.from(await b.read(64)));
    b.send(second.ephemeral());
    b.send(second.identity());
    const header = Buffer.from(await b.read(2));
    const record = Buffer.concat([header, await b.read(header.readUInt16BE())]);
    expect(second.readIdentity(record)).toBe(one.certificateChain);
    second.beginTraffic();
    b.send(second.seal(Buffer.of(0)));
    const established = await running;
    expect(established.opener.open(second.seal(Buffer.from('hello')))).toEqual(new Uint8Array(Buffer.from('hello')));
    expect(second.open(Buffer.from(established.sealer.seal(Buffer.from('answer')))).toString()).toBe('answer');
  });
});
