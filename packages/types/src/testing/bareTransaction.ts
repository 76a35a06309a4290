import { toHex } from '@menglian/base/bytes';
import { nonceKey } from '../nonceKey.js';
import type { SignedTransaction } from '../transaction.js';

const NOTHING = new Uint8Array(0);

/**
 * A transaction for tests in which nobody looks at its bytes: identity, nonce, limits and sizes only.
 * @param number gives hash and nonce, unless the fields say otherwise
 */
export function bareTransaction(number: number, fields: Partial<SignedTransaction> = {}): SignedTransaction {
  const hash = fields.hash ?? hashOf(number);
  const nonce = fields.nonce ?? BigInt(number);
  return {
    gasPrice: 1n,
    gas: 1n,
    blockLimit: 500n,
    to: undefined,
    value: 0n,
    data: NOTHING,
    chainId: 1n,
    groupId: 1n,
    extraData: NOTHING,
    raw: new Uint8Array(200),
    sender: '00'.repeat(20),
    ...fields,
    nonce,
    nonceKey: nonceKey(nonce),
    hash,
    id: toHex(hash),
  };
}

function hashOf(number: number): Uint8Array {
  const hash = new Uint8Array(32);
  new DataView(hash.buffer).setUint32(28, number);
  return hash;
}
