import type { Result } from '@menglian/base/result';
import { BinaryReader, BinaryWriter } from '@menglian/codec/binary';

const HASH_BYTES = 32;

/** A block as consensus orders it; what the fields mean is fixed by `OrderPoint` of consensus-core. */
export interface OrderRecord {
  /** 32 bytes */
  readonly digest: Uint8Array;
  readonly epoch: number;
}

/** What is kept of each block by its number, so that the chain's links are read without its blocks. */
export interface ChainLink {
  readonly hash: Uint8Array;
  readonly order: OrderRecord;
}

export function encodeChainLink({ hash, order }: ChainLink): Uint8Array {
  return new BinaryWriter(72).bytes(hash).bytes(order.digest).u64(order.epoch).finish();
}

export function decodeChainLink(bytes: Uint8Array): Result<ChainLink> {
  const reader = new BinaryReader(bytes);
  const hash = reader.bytes(HASH_BYTES);
  const order = { digest: reader.bytes(HASH_BYTES), epoch: reader.u64() };
  return reader.result({ hash, order });
}
