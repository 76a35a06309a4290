import type { Result } from '@menglian/base/result';
import { BinaryReader, BinaryWriter } from '@menglian/codec/binary';
import type { BlockSignature } from '@menglian/types/block';
import { MAX_SEALERS, MAX_SIGNATURE_BYTES } from '@menglian/types/limits';

const HEADER_BYTES_MAX = 1024 * 1024;

/** A header with its block's signatures, kept where the block itself is not. */
export interface CertifiedHeader {
  /** as types/header encodes it */
  readonly header: Uint8Array;
  readonly signatures: readonly BlockSignature[];
}

export function encodeCertifiedHeader({ header, signatures }: CertifiedHeader): Uint8Array {
  const writer = new BinaryWriter(header.length + 128).blob(header).u32(signatures.length);
  for (const { index, signature } of signatures) writer.u16(index).blob(signature);
  return writer.finish();
}

export function decodeCertifiedHeader(bytes: Uint8Array): Result<CertifiedHeader> {
  const reader = new BinaryReader(bytes);
  const header = reader.blob(HEADER_BYTES_MAX);
  const signatures: BlockSignature[] = [];
  const count = reader.count(MAX_SEALERS, 6);
  for (let i = 0; i < count; i++) signatures.push({ index: reader.u16(), signature: reader.blob(MAX_SIGNATURE_BYTES) });
  return reader.result({ header, signatures });
}
