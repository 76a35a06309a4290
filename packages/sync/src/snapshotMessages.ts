import type { BinaryReader, BinaryWriter } from '@menglian/codec/binary';
import { fromHex, toHex } from '@menglian/base/bytes';
import { NODE_ID_BYTES, type NodeId } from '@menglian/types/address';
import type { BlockSignature } from '@menglian/types/block';
import { MAX_SEALERS, MAX_SIGNATURE_BYTES } from '@menglian/types/limits';
import { CHUNK_BYTES_MAX, MANIFEST_BYTES_MAX, OFFERS_MAX, SNAPSHOT_CHUNKS_MAX } from './limits.js';

const HASH_BYTES = 32;

/** Bytes of an encoded header: its list of sealers, and room for the rest. */
const HEADER_BYTES_MAX = MAX_SEALERS * (NODE_ID_BYTES + 3) + 4096;

/** A sealer's word that this is the manifest of the state at that height. What is signed: docs/wire.md. */
export interface Attestation {
  readonly signer: NodeId;
  readonly signature: Uint8Array;
}

export interface SnapshotOffer {
  readonly height: number;
  readonly manifestHash: Uint8Array;
  readonly attestations: readonly Attestation[];
}

/** A header with the signatures of its block. */
export interface HeaderCertificate {
  /** as types/header encodes it */
  readonly header: Uint8Array;
  readonly signatures: readonly BlockSignature[];
}

/** Messages by which a node gets the state at a height instead of all blocks up to it. */
export type SnapshotMessage =
  /** The header of the highest block that is above `above` and at most `number`. */
  | { readonly kind: 'headerRequest'; readonly above: number; readonly number: number }
  /** Repeats what was asked; no certificate when there is none. */
  | {
      readonly kind: 'headerResponse';
      readonly above: number;
      readonly number: number;
      readonly certificate: HeaderCertificate | undefined;
    }
  | { readonly kind: 'offerRequest' }
  /** The snapshots that the sender can serve. */
  | { readonly kind: 'offers'; readonly offers: readonly SnapshotOffer[] }
  | { readonly kind: 'manifestRequest'; readonly height: number }
  /** Empty when the sender does not have it. */
  | { readonly kind: 'manifest'; readonly height: number; readonly manifest: Uint8Array }
  | { readonly kind: 'chunkRequest'; readonly height: number; readonly index: number }
  /** Empty when the sender does not have it. */
  | { readonly kind: 'chunk'; readonly height: number; readonly index: number; readonly chunk: Uint8Array }
  | {
      readonly kind: 'attestation';
      readonly height: number;
      readonly manifestHash: Uint8Array;
      readonly attestation: Attestation;
    };

/** Code of each kind on the wire. */
const CODES = {
  headerRequest: 3,
  headerResponse: 4,
  offerRequest: 5,
  offers: 6,
  manifestRequest: 7,
  manifest: 8,
  chunkRequest: 9,
  chunk: 10,
  attestation: 11,
} as const satisfies Record<SnapshotMessage['kind'], number>;

export function writeSnapshotMessage(writer: BinaryWriter, message: SnapshotMessage): void {
  writer.u8(CODES[message.kind]);
  switch (message.kind) {
    case 'headerRequest':
      writer.u64(message.above).u64(message.number);
      break;
    case 'headerResponse':
      writer.u64(message.above).u64(message.number);
      writer.bool(message.certificate !== undefined);
      if (message.certificate !== undefined) writeCertificate(writer, message.certificate);
      break;
    case 'offerRequest':
      break;
    case 'offers':
      writer.u32(message.offers.length);
      for (const { height, manifestHash, attestations } of message.offers) {
        writer.u64(height).bytes(manifestHash).u32(attestations.length);
        for (const attestation of attestations) writeAttestation(writer, attestation);
      }
      break;
    case 'manifestRequest':
      writer.u64(message.height);
      break;
    case 'manifest':
      writer.u64(message.height).blob(message.manifest);
      break;
    case 'chunkRequest':
      writer.u64(message.height).u32(message.index);
      break;
    case 'chunk':
      writer.u64(message.height).u32(message.index).blob(message.chunk);
      break;
    case 'attestation':
      writer.u64(message.height).bytes(message.manifestHash);
      writeAttestation(writer, message.attestation);
      break;
  }
}

/** @returns undefined, with the reader failed, when no kind has this code */
export function readSnapshotMessage(reader: BinaryReader, code: number): SnapshotMessage | undefined {
  switch (code) {
    case CODES.headerRequest:
      return { kind: 'headerRequest', above: reader.u64(), number: reader.u64() };
    case CODES.headerResponse: {
      const [above, number] = [reader.u64(), reader.u64()];
      const certificate = reader.bool() ? readCertificate(reader) : undefined;
      return { kind: 'headerResponse', above, number, certificate };
    }
    case CODES.offerRequest:
      return { kind: 'offerRequest' };
    case CODES.offers:
      return { kind: 'offers', offers: readOffers(reader) };
    case CODES.manifestRequest:
      return { kind: 'manifestRequest', height: reader.u64() };
    case CODES.manifest:
      return { kind: 'manifest', height: reader.u64(), manifest: reader.blob(MANIFEST_BYTES_MAX) };
    case CODES.chunkRequest:
      return { kind: 'chunkRequest', height: reader.u64(), index: readChunkIndex(reader) };
    case CODES.chunk: {
      const [height, index] = [reader.u64(), readChunkIndex(reader)];
      return { kind: 'chunk', height, index, chunk: reader.blob(CHUNK_BYTES_MAX) };
    }
    case CODES.attestation: {
      const [height, manifestHash] = [reader.u64(), reader.bytes(HASH_BYTES)];
      return { kind: 'attestation', height, manifestHash, attestation: readAttestation(reader) };
    }
    default:
      reader.fail('BadValue');
      return undefined;
  }
}

function readOffers(reader: BinaryReader): SnapshotOffer[] {
  const offers: SnapshotOffer[] = [];
  const count = reader.count(OFFERS_MAX, 8 + HASH_BYTES + 4);
  for (let i = 0; i < count; i++) {
    const [height, manifestHash] = [reader.u64(), reader.bytes(HASH_BYTES)];
    const attestations: Attestation[] = [];
    const attestationCount = reader.count(MAX_SEALERS, NODE_ID_BYTES + 4);
    for (let j = 0; j < attestationCount; j++) attestations.push(readAttestation(reader));
    offers.push({ height, manifestHash, attestations });
  }
  return offers;
}

function readChunkIndex(reader: BinaryReader): number {
  const index = reader.u32();
  if (index >= SNAPSHOT_CHUNKS_MAX) reader.fail('TooLong');
  return index;
}

function writeAttestation(writer: BinaryWriter, { signer, signature }: Attestation): void {
  writer.bytes(fromHex(signer)).blob(signature);
}

function readAttestation(reader: BinaryReader): Attestation {
  return { signer: toHex(reader.bytes(NODE_ID_BYTES)), signature: reader.blob(MAX_SIGNATURE_BYTES) };
}

function writeCertificate(writer: BinaryWriter, { header, signatures }: HeaderCertificate): void {
  writer.blob(header).u32(signatures.length);
  for (const { index, signature } of signatures) writer.u16(index).blob(signature);
}

function readCertificate(reader: BinaryReader): HeaderCertificate {
  const header = reader.blob(HEADER_BYTES_MAX);
  const signatures: BlockSignature[] = [];
  const count = reader.count(MAX_SEALERS, 6);
  for (let i = 0; i < count; i++) signatures.push({ index: reader.u16(), signature: reader.blob(MAX_SIGNATURE_BYTES) });
  return { header, signatures };
}
