import { concatBytes } from '@menglian/base/bytes';
import { hashEach } from '../hashEach.js';
import { sm3 } from '../hashes.js';
import { sm2PublicKey, sm2SignAs, sm2Verify } from '../sm2.js';
import { PAIR_BYTES, type SmArithmetic } from './arithmetic.js';

/** SM2 on @noble/curves, by sm2.ts. */
export const javascriptArithmetic: SmArithmetic = {
  provider: 'javascript',
  publicKey: sm2PublicKey,
  sign(digest, privateKey, entropy) {
    const publicKey = sm2PublicKey(privateKey);
    return concatBytes(sm2SignAs(digest, privateKey, publicKey, undefined, entropy), publicKey);
  },
  verify: (digest, signature) => sm2Verify(digest, signature.subarray(0, PAIR_BYTES), signature.subarray(PAIR_BYTES)),
  hash: sm3,
  hashMany: (hashes, bytes, ranges) => hashEach(sm3, hashes, bytes, ranges),
};
