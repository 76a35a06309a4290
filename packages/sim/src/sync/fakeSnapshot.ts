import { toHex } from '@menglian/base/bytes';
import { BinaryReader, BinaryWriter } from '@menglian/codec/binary';
import type { ManifestFacts } from '@menglian/sync/chunkFetch';
import { hashText, type SyncChain } from './syncChain.js';

/** Stands for the state at a height: the same on every honest node. */
export interface FakeSnapshot {
  readonly height: number;
  readonly manifest: Uint8Array;
  readonly manifestHash: Uint8Array;
  readonly chunks: readonly Uint8Array[];
}

const CHUNK_BYTES = 50;

/** 32 bytes that stand for a hash. */
export function fakeHash(bytes: Uint8Array): Uint8Array {
  const tag = hashText(toHex(bytes));
  return new BinaryWriter(32)
    .u64(tag)
    .u64((tag ^ 0x55aa) >>> 0)
    .u64(bytes.length)
    .u64(0)
    .finish();
}

/** @param flavour other than 0 makes another snapshot of the same height, as a liar would */
export function fakeSnapshot(chain: SyncChain, height: number, flavour = 0): FakeSnapshot {
  const chunks = Array.from({ length: 1 + (height % 9) }, (_, index) => {
    const tag = hashText(`${height}/${index}/${chain.contentAt(height)}/${flavour}`);
    return new BinaryWriter(64).u32(tag).bytes(new Uint8Array(CHUNK_BYTES)).finish();
  });
  const writer = new BinaryWriter().u64(height).u32(chain.contentAt(height)).u32(chunks.length);
  for (const chunk of chunks) writer.bytes(fakeHash(chunk));
  const manifest = writer.finish();
  return { height, manifest, manifestHash: fakeHash(manifest), chunks };
}

/** @returns undefined when the bytes are no manifest */
export function readFakeManifest(bytes: Uint8Array): ManifestFacts | undefined {
  const reader = new BinaryReader(bytes);
  const [height, content] = [reader.u64(), reader.u32()];
  const chunkHashes: string[] = [];
  const count = reader.count(10_000, 32);
  for (let i = 0; i < count; i++) chunkHashes.push(toHex(reader.bytes(32)));
  if (reader.end() !== undefined) return undefined;
  return { manifestHash: toHex(fakeHash(bytes)), height, headerHash: String(content), chunkHashes };
}

export const attestedText = (height: number, manifestHash: Uint8Array): string => `${height}/${toHex(manifestHash)}`;
