import { concatBytes, toBigInt } from '@menglian/base/bytes';
import { hashEach } from '../hashEach.js';
import { sm3 } from '../hashes.js';
import { sm2PublicKey, sm2SignAs, sm2SignerDigest } from '../sm2.js';
import { SM2_ORDER, Sm2Curve } from '../sm2Curve.js';
import { PAIR_BYTES, PUBLIC_KEY_BYTES, type SmArithmetic } from './arithmetic.js';
import { KeyPoints } from './keyPoints.js';

const R_BYTES = PAIR_BYTES / 2;

/** SM2 on @noble/curves. */
export function createJavascriptArithmetic(): SmArithmetic {
  const keyPoints = new KeyPoints();

  /** What sm2.ts's `sm2Verify` answers, sooner for keys that come often. */
  function verify(digest: Uint8Array, signature: Uint8Array): boolean {
    const r = toBigInt(signature.subarray(0, R_BYTES));
    const s = toBigInt(signature.subarray(R_BYTES, PAIR_BYTES));
    if (r === 0n || r >= SM2_ORDER || s === 0n || s >= SM2_ORDER) return false;
    const t = (r + s) % SM2_ORDER;
    if (t === 0n) return false;
    const key = signature.subarray(PAIR_BYTES, PAIR_BYTES + PUBLIC_KEY_BYTES);
    const found = keyPoints.find(key);
    if (found === undefined) return false;
    const sum = found.hasMultiples
      ? Sm2Curve.BASE.multiplyUnsafe(s).add(found.point.multiplyUnsafe(t))
      : Sm2Curve.BASE.mulAddUnsafe(s, found.point, t);
    if (sum.is0()) return false;
    const e = toBigInt(sm3(concatBytes(sm2SignerDigest(key), digest)));
    return (e + sum.toAffine().x) % SM2_ORDER === r;
  }

  return {
    provider: 'javascript',
    publicKey: sm2PublicKey,
    sign(digest, privateKey, entropy) {
      const publicKey = sm2PublicKey(privateKey);
      return concatBytes(sm2SignAs(digest, privateKey, publicKey, undefined, entropy), publicKey);
    },
    verify,
    hash: sm3,
    hashMany: (hashes, bytes, ranges) => hashEach(sm3, hashes, bytes, ranges),
  };
}
