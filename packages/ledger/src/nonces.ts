import { fromBigIntMinimal, toBigInt } from '@menglian/base/bytes';
import type { Result } from '@menglian/base/result';
import { BinaryReader, BinaryWriter } from '@menglian/codec/binary';
import { openRlpList } from '@menglian/codec/rlpCursor';
import { MAX_BLOCK_TRANSACTIONS } from '@menglian/types/limits';

const MAX_NONCE_BYTES = 32;

/** The nonces of one block: their number, then each behind its length, in the order of the transactions. */
export function encodeNonces(nonces: readonly bigint[]): Uint8Array {
  const writer = new BinaryWriter(4 + 33 * nonces.length);
  writer.u32(nonces.length);
  for (const nonce of nonces) {
    const bytes = fromBigIntMinimal(nonce);
    writer.u8(bytes.length).bytes(bytes);
  }
  return writer.finish();
}

export function decodeNonces(bytes: Uint8Array): Result<bigint[]> {
  const reader = new BinaryReader(bytes);
  const count = reader.count(MAX_BLOCK_TRANSACTIONS, 1);
  const nonces: bigint[] = [];
  for (let i = 0; i < count && reader.failed === undefined; i++) {
    const length = reader.u8();
    if (length > MAX_NONCE_BYTES) reader.fail('TooLong');
    const nonce = reader.bytes(length);
    if (nonce[0] === 0) reader.fail('BadValue');
    nonces.push(toBigInt(nonce));
  }
  return reader.result(nonces);
}

/** The nonce of a raw transaction of either form: its first item. */
export function nonceOfTransaction(raw: Uint8Array): Result<bigint> {
  const items = openRlpList(raw);
  if (!items.ok) return items;
  const nonce = items.value.integer();
  const reason = items.value.failed;
  return reason === undefined ? { ok: true, value: nonce } : { ok: false, reason };
}
