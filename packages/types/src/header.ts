/** Block headers. Signatures are not part of them. Facts: docs/formats.md, "Block header". */
import { fromHex, toHex } from '@menglian/base/bytes';
import type { Result } from '@menglian/base/result';
import { encodeRlp, rlpInteger } from '@menglian/codec/rlp';
import { decodeRlpRecord, type RlpCursor, type RlpReason } from '@menglian/codec/rlpCursor';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { NODE_ID_BYTES, type NodeId } from './address.js';
import { BLOOM_BYTES } from './bloom.js';
import { MAX_HEADER_EXTRA_DATA_ITEMS, MAX_SEALERS } from './limits.js';

/** Hashes and roots are 32 bytes, `logsBloom` is 256. */
export interface BlockHeader {
  readonly parentHash: Uint8Array;
  /** Equal to `dbHash`: the digest of the state changes. */
  readonly stateRoot: Uint8Array;
  readonly transactionsRoot: Uint8Array;
  readonly receiptsRoot: Uint8Array;
  readonly dbHash: Uint8Array;
  /** Always zero: only receipts have blooms. */
  readonly logsBloom: Uint8Array;
  readonly number: number;
  /** Always 0. */
  readonly gasLimit: bigint;
  /** Always 0. */
  readonly gasUsed: bigint;
  /** Milliseconds since 1970, at least one above the parent's. */
  readonly timestampMs: number;
  /** Empty but in genesis, where it holds the mark. */
  readonly extraData: readonly Uint8Array[];
  /** Index of the leader in `sealerList`. */
  readonly sealer: number;
  /** All sealers, ascending; empty in genesis. */
  readonly sealerList: readonly NodeId[];
}

export function encodeHeader(header: BlockHeader): Uint8Array {
  return encodeRlp([
    header.parentHash,
    header.stateRoot,
    header.transactionsRoot,
    header.receiptsRoot,
    header.dbHash,
    header.logsBloom,
    rlpInteger(header.number),
    rlpInteger(header.gasLimit),
    rlpInteger(header.gasUsed),
    rlpInteger(header.timestampMs),
    header.extraData,
    rlpInteger(header.sealer),
    header.sealerList.map(fromHex),
  ]);
}

/** @param bytes kept as views by the result */
export function decodeHeader(bytes: Uint8Array): Result<BlockHeader, RlpReason> {
  return decodeRlpRecord(bytes, readHeader);
}

/** The hash of the block. */
export function headerHash(suite: CryptoSuite, header: BlockHeader): Uint8Array {
  return suite.hash(encodeHeader(header));
}

/** Reads the items of one header. */
export function readHeader(items: RlpCursor): BlockHeader {
  const parentHash = items.fixed(32);
  const stateRoot = items.fixed(32);
  const transactionsRoot = items.fixed(32);
  const receiptsRoot = items.fixed(32);
  const dbHash = items.fixed(32);
  const logsBloom = items.fixed(BLOOM_BYTES);
  const number = items.safeInteger();
  const gasLimit = items.integer();
  const gasUsed = items.integer();
  const timestampMs = items.safeInteger();
  const extraData: Uint8Array[] = [];
  items.list(MAX_HEADER_EXTRA_DATA_ITEMS, (list) => extraData.push(list.string()));
  const sealer = items.safeInteger();
  const sealerList: NodeId[] = [];
  items.list(MAX_SEALERS, (list) => sealerList.push(toHex(list.fixed(NODE_ID_BYTES))));
  return {
    parentHash,
    stateRoot,
    transactionsRoot,
    receiptsRoot,
    dbHash,
    logsBloom,
    number,
    gasLimit,
    gasUsed,
    timestampMs,
    extraData,
    sealer,
    sealerList,
  };
}
