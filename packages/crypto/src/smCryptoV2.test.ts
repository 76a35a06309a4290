/** Ours against the npm package sm-crypto-v2, which shares no code with it but @noble's fields. */
import { fromHex, toHex, utf8Bytes } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import { hkdf as theirHkdf, kdf as theirKdf, sm2, sm4 } from 'sm-crypto-v2';
import { describe, expect, it } from 'vitest';
import { sm3 } from './hashes.js';
import { hkdf, sm3Kdf } from './kdf.js';
import { sm2PublicKey } from './sm2.js';
import { type Sm2CiphertextForm, sm2Decrypt, sm2Encrypt } from './sm2Encryption.js';
import { sm2EphemeralKey, sm2ExchangeAsInitiator, sm2ExchangeAsResponder } from './sm2KeyExchange.js';
import { createSm4Gcm } from './sm4Gcm.js';

const ROUNDS = process.env['MENGLIAN_LONG'] === '1' ? 1000 : 6;

describe('sm-crypto-v2 and we', () => {
  const random = new SeededRandom(61);

  it('decrypt what the other encrypted with SM2', () => {
    const forms: Record<Sm2CiphertextForm, { mode: number; asn1: boolean; prefix: string }> = {
      c1c3c2: { mode: 1, asn1: false, prefix: '04' },
      c1c2c3: { mode: 0, asn1: false, prefix: '04' },
      asn1: { mode: 1, asn1: true, prefix: '' },
    };
    for (let i = 0; i < ROUNDS; i++) {
      const privateKey = random.bytes(32);
      const publicKey = sm2PublicKey(privateKey);
      // They send a mask of zeros as well, which the standard forbids and we refuse: one message of a byte in 256 has it.
      const message = random.bytes(8 + random.below(93));
      for (const form of ['c1c3c2', 'c1c2c3', 'asn1'] as const) {
        const { mode, asn1, prefix } = forms[form];
        // They leave the 04 of the point out.
        const theirs = prefix + sm2.doEncrypt(message, `04${toHex(publicKey)}`, mode, { asn1 });
        expect(sm2Decrypt(fromHex(theirs), privateKey, form)).toEqual(message);
        const ours = toHex(sm2Encrypt(message, publicKey, random.bytes(32), form)).slice(prefix.length);
        const read = sm2.doDecrypt(ours, toHex(privateKey), mode, { output: 'array', asn1 });
        expect(toHex(read)).toBe(toHex(message));
      }
    }
  }, 300_000);

  it('get the same key from the key exchange', () => {
    const pair = (privateKey: Uint8Array) => ({
      privateKey: toHex(privateKey),
      publicKey: `04${toHex(sm2PublicKey(privateKey))}`,
    });
    for (let i = 0; i < ROUNDS; i++) {
      const [own, other] = [random.bytes(32), random.bytes(32)];
      const [ownEphemeral, otherEphemeral] = [sm2EphemeralKey(random.bytes(32)), sm2EphemeralKey(random.bytes(32))];
      const ids = { own: `own${i}`, other: `other${i}` };
      const length = 1 + random.below(80);
      const theirs = (isRecipient: boolean) => {
        const { publicKey } = pair(other);
        const ephemeral = `04${toHex(otherEphemeral.publicKey)}`;
        const ownPair = pair(ownEphemeral.privateKey);
        return sm2.calculateSharedKey(
          pair(own),
          ownPair,
          publicKey,
          ephemeral,
          length,
          isRecipient,
          ids.own,
          ids.other,
        );
      };
      const ours = { privateKey: own, ephemeralPrivateKey: ownEphemeral.privateKey, signerId: utf8Bytes(ids.own) };
      const peer = {
        publicKey: sm2PublicKey(other),
        ephemeralPublicKey: otherEphemeral.publicKey,
        signerId: utf8Bytes(ids.other),
      };
      expect(toHex(sm2ExchangeAsInitiator(ours, peer, length)!.key)).toBe(toHex(theirs(false)));
      expect(toHex(sm2ExchangeAsResponder(ours, peer, length)!.key)).toBe(toHex(theirs(true)));
    }
  }, 300_000);

  it('seal and derive alike', () => {
    for (let i = 0; i < 10 * ROUNDS; i++) {
      const [key, nonce] = [random.bytes(16), random.bytes(12)];
      const [plaintext, additionalData] = [random.bytes(random.below(100)), random.bytes(random.below(50))];
      const options = {
        mode: 'gcm',
        output: 'array',
        iv: nonce,
        associatedData: additionalData,
        outputTag: true,
      } as const;
      const { output, tag } = sm4.encrypt(plaintext, key, options);
      const ours = toHex(createSm4Gcm(key).seal(nonce, plaintext, additionalData));
      expect(ours).toBe(toHex(output) + toHex(tag!));
      const length = 1 + random.below(200);
      expect(toHex(sm3Kdf(plaintext, length))).toBe(toHex(theirKdf(plaintext, length)));
      expect(toHex(hkdf(sm3, key, nonce, additionalData, length))).toBe(
        toHex(theirHkdf(key, nonce, additionalData, length)),
      );
    }
  });
});
