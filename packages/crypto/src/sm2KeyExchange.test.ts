import { fromHex, toHex, utf8Bytes } from '@menglian/base/bytes';
import { InvariantError } from '@menglian/base/invariant';
import { SeededRandom } from '@menglian/base/seededRandom';
import { describe, expect, it } from 'vitest';
import { sm2PublicKey, sm2SignerDigest } from './sm2.js';
import { decodeSm2Point, encodeSm2Point } from './sm2Curve.js';
import { sm2EphemeralKey, sm2ExchangeAsInitiator, sm2ExchangeAsResponder } from './sm2KeyExchange.js';

// GB/T 32918.5-2017, annex B.2
const example = {
  initiator: {
    privateKey: fromHex('81eb26e941bb5af16df116495f90695272ae2cd63d6c4ae1678418be48230029'),
    ephemeralPrivateKey: fromHex('d4de15474db74d06491c440d305e012400990f3e390c7e87153c12db2ea60bb3'),
    publicKey:
      '160e12897df4edb61dd812feb96748fbd3ccf4ffe26aa6f6db9540af49c94232' +
      '4a7dad08bb9a459531694beb20aa489d6649975e1bfcf8c4741b78b4b223007f',
    ephemeralPublicKey:
      '64ced1bdbc99d590049b434d0fd73428cf608a5db8fe5ce07f15026940bae40e' +
      '376629c7ab21e7db260922499ddb118f07ce8eaae3e7720afef6a5cc062070c0',
    z: '3b85a57179e11e7e513aa622991f2ca74d1807a0bd4d4b38f90987a17ac245b1',
  },
  responder: {
    privateKey: fromHex('785129917d45a9ea5437a59356b82338eaadda6ceb199088f14ae10defa229b5'),
    ephemeralPrivateKey: fromHex('7e07124814b309489125eaed101113164ebf0f3458c5bd88335c1f9d596243d6'),
    publicKey:
      '6ae848c57c53c7b1b5fa99eb2286af078ba64c64591b8b566f7357d576f16dfb' +
      'ee489d771621a27b36c5c7992062e9cd09a9264386f3fbea54dff69305621c4d',
    ephemeralPublicKey:
      'acc27688a6f7b706098bc91ff3ad1bff7dc2802cdb14ccccdb0a90471f9bd707' +
      '2fedac0494b2ffc4d6853876c79b8f301c6573ad0aa50f39fc87181e1a1b46fe',
    z: '79c988d63229d97ef19fe02ca1056e01e6a7411ed24694aa8f834f4a4ab022f7',
  },
  key: '6c89347354de2484c60b4ab1fde4c6e5',
  responderConfirmation: 'd3a0fe15dee185ceae907a6b595cc32a266ed7b3367e9983a896dc32fa20f8eb',
  initiatorConfirmation: '18c7894b3816df16cf07b05c5ec0bef5d655d58f779cc1b400a4f3884644db88',
};

const peer = (side: { publicKey: string; ephemeralPublicKey: string }) => ({
  publicKey: fromHex(side.publicKey),
  ephemeralPublicKey: fromHex(side.ephemeralPublicKey),
});

describe('sm2 key exchange', () => {
  it('meets the example of GB/T 32918.5 from both sides', () => {
    const { initiator, responder } = example;
    for (const side of [initiator, responder]) {
      expect(toHex(sm2PublicKey(side.privateKey))).toBe(side.publicKey);
      expect(toHex(sm2PublicKey(side.ephemeralPrivateKey))).toBe(side.ephemeralPublicKey);
      expect(toHex(sm2SignerDigest(fromHex(side.publicKey)))).toBe(side.z);
    }
    for (const shared of [
      sm2ExchangeAsInitiator(initiator, peer(responder), 16)!,
      sm2ExchangeAsResponder(responder, peer(initiator), 16)!,
    ]) {
      expect(toHex(shared.key)).toBe(example.key);
      expect(toHex(shared.responderConfirmation)).toBe(example.responderConfirmation);
      expect(toHex(shared.initiatorConfirmation)).toBe(example.initiatorConfirmation);
    }
  });

  it('gives both sides the same, and others something else', () => {
    const random = new SeededRandom(10);
    const side = (signerId: Uint8Array) => {
      const privateKey = random.bytes(32);
      const ephemeral = sm2EphemeralKey(random.bytes(32));
      const own = { privateKey, ephemeralPrivateKey: ephemeral.privateKey, signerId };
      return { own, peer: { publicKey: sm2PublicKey(privateKey), ephemeralPublicKey: ephemeral.publicKey, signerId } };
    };
    for (let i = 0; i < 5; i++) {
      const [a, b, c] = [side(utf8Bytes('a')), side(utf8Bytes('b')), side(utf8Bytes('c'))];
      const shared = sm2ExchangeAsInitiator(a.own, b.peer, 48)!;
      expect(sm2ExchangeAsResponder(b.own, a.peer, 48)).toEqual(shared);
      const others = [
        sm2ExchangeAsInitiator(a.own, c.peer, 48)!,
        // The right keys in the wrong roles, with another identity, with another ephemeral key.
        sm2ExchangeAsInitiator(b.own, a.peer, 48)!,
        sm2ExchangeAsResponder(b.own, { ...a.peer, signerId: utf8Bytes('x') }, 48)!,
        sm2ExchangeAsResponder(b.own, { ...a.peer, ephemeralPublicKey: c.peer.ephemeralPublicKey }, 48)!,
      ];
      for (const other of others) {
        expect(toHex(other.key)).not.toBe(toHex(shared.key));
        expect(toHex(other.responderConfirmation)).not.toBe(toHex(shared.responderConfirmation));
        expect(toHex(other.initiatorConfirmation)).not.toBe(toHex(shared.initiatorConfirmation));
      }
    }
  });

  it('refuses keys of the peer that are no points of the curve', () => {
    const { initiator, responder } = example;
    const right = peer(responder);
    const wrong = right.publicKey.slice();
    wrong[63]! ^= 1;
    for (const key of [wrong, new Uint8Array(64), new Uint8Array(0), right.publicKey.subarray(1)]) {
      expect(sm2ExchangeAsInitiator(initiator, { ...right, publicKey: key }, 16)).toBeUndefined();
      expect(sm2ExchangeAsResponder(initiator, { ...right, ephemeralPublicKey: key }, 16)).toBeUndefined();
    }
    expect(() => sm2EphemeralKey(new Uint8Array(16))).toThrow(InvariantError);
  });

  it('refuses a peer whose keys cancel each other', () => {
    // An ephemeral key whose multiple by its own x̄ is the other key's opposite: the shared point would be infinite.
    const ephemeral = sm2EphemeralKey(new Uint8Array(32).fill(5));
    const point = decodeSm2Point(ephemeral.publicKey)!;
    const top = 1n << 127n;
    const reduced = top + (point.toAffine().x % top);
    const opposite = encodeSm2Point(point.multiply(reduced).negate());
    const cancelling = { publicKey: opposite, ephemeralPublicKey: ephemeral.publicKey };
    expect(sm2ExchangeAsInitiator(example.initiator, cancelling, 16)).toBeUndefined();
    expect(sm2ExchangeAsResponder(example.initiator, cancelling, 16)).toBeUndefined();
  });
});
