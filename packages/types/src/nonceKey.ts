/**
 * A nonce as the key of a map. Text, because the engine hashes texts with a secret seed and a bigint by its lowest 64 bits
 * alone: clients could choose nonces that all meet in one place of the table, and 20,000 of them would cost seconds.
 */
export type NonceKey = string;

export function nonceKey(nonce: bigint): NonceKey {
  return nonce.toString(16);
}
