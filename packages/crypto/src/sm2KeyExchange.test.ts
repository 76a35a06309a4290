import { toHex } from '@menglian/base/bytes';
import { describe, expect, it } from 'vitest';
import { sm2PublicKey } from './sm2.js';
import { sm2EphemeralKey, sm2ExchangeAsInitiator, sm2ExchangeAsResponder } from './sm2KeyExchange.js';

const keyOf = (byte: number) => new Uint8Array(32).fill(byte);

describe('sm2 key exchange', () => {
  it('gives both sides the same key and confirmations', () => {
    const [a, b] = [sm2EphemeralKey(keyOf(3)), sm2EphemeralKey(keyOf(4))];
    const initiator = sm2ExchangeAsInitiator(
      { privateKey: keyOf(1), ephemeralPrivateKey: a.privateKey },
      { publicKey: sm2PublicKey(keyOf(2)), ephemeralPublicKey: b.publicKey },
      48,
    )!;
    const responder = sm2ExchangeAsResponder(
      { privateKey: keyOf(2), ephemeralPrivateKey: b.privateKey },
      { publicKey: sm2PublicKey(keyOf(1)), ephemeralPublicKey: a.publicKey },
      48,
    )!;
    expect(toHex(initiator.key)).toBe(toHex(responder.key));
    expect(initiator).toEqual(responder);
  });
});
