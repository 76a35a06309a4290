import { utf8Bytes } from '@menglian/base/bytes';
import { failure, type Result } from '@menglian/base/result';
import { BinaryReader, BinaryWriter } from '@menglian/codec/binary';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { MAX_BLOCK_NUMBER, MAX_SNAPSHOT_CHUNKS, SNAPSHOT_CHUNK_BYTES } from './limits.js';
import type { OrderRecord } from './orderRecord.js';

const VERSION = 1;
const HASH_BYTES = 32;

/** Keeps attestations apart from everything else that sealers sign. */
const DOMAIN = utf8Bytes('menglian/snapshot/1');

/** What a snapshot holds: the same bytes on every node that stored the block of its height. */
export interface SnapshotManifest {
  readonly genesisHash: Uint8Array;
  readonly height: number;
  readonly headerHash: Uint8Array;
  /** of the header, and for the next height */
  readonly stateDigest: Uint8Array;
  readonly order: OrderRecord;
  /** Sums up to and including the block of this height. */
  readonly transactions: number;
  readonly failed: number;
  /** Bytes of all chunks together. */
  readonly bytes: number;
  /** Each 32 bytes. */
  readonly chunkHashes: readonly Uint8Array[];
}

export function encodeManifest(manifest: SnapshotManifest): Uint8Array {
  const { order, chunkHashes } = manifest;
  const writer = new BinaryWriter(256 + HASH_BYTES * chunkHashes.length);
  writer.u8(VERSION).bytes(manifest.genesisHash).u64(manifest.height).bytes(manifest.headerHash);
  writer.bytes(manifest.stateDigest).bytes(order.digest).u64(order.epoch);
  writer.u64(manifest.transactions).u64(manifest.failed).u64(manifest.bytes).u32(chunkHashes.length);
  for (const hash of chunkHashes) writer.bytes(hash);
  return writer.finish();
}

export function decodeManifest(bytes: Uint8Array): Result<SnapshotManifest> {
  const reader = new BinaryReader(bytes);
  if (reader.u8() !== VERSION) return failure('BadVersion');
  const genesisHash = reader.bytes(HASH_BYTES);
  const height = reader.u64();
  if (height < 1 || height > MAX_BLOCK_NUMBER) reader.fail('BadValue');
  const headerHash = reader.bytes(HASH_BYTES);
  const stateDigest = reader.bytes(HASH_BYTES);
  const order = { digest: reader.bytes(HASH_BYTES), epoch: reader.u64() };
  const [transactions, failed, total] = [reader.u64(), reader.u64(), reader.u64()];
  const count = reader.count(MAX_SNAPSHOT_CHUNKS, HASH_BYTES);
  if (count !== Math.ceil(total / SNAPSHOT_CHUNK_BYTES)) reader.fail('BadValue');
  const chunkHashes: Uint8Array[] = [];
  for (let i = 0; i < count; i++) chunkHashes.push(reader.bytes(HASH_BYTES));
  const manifest = { genesisHash, height, headerHash, stateDigest, order, transactions, failed };
  return reader.result({ ...manifest, bytes: total, chunkHashes });
}

/** What a sealer signs to say that this is the manifest of that height. */
export function attestationDigest(
  suite: CryptoSuite,
  chain: { readonly chainId: bigint; readonly groupId: number },
  height: number,
  manifestHash: Uint8Array,
): Uint8Array {
  const writer = new BinaryWriter(128).blob(DOMAIN).bigint256(chain.chainId).u32(chain.groupId);
  return suite.hash(writer.u64(height).bytes(manifestHash).finish());
}
