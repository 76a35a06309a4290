/** Block 0 of a group: everything its members must agree on, in one line of text. Facts: docs/formats.md, "Genesis". */
import { utf8Bytes } from '@menglian/base/bytes';
import type { NodeId } from './address.js';
import { BLOOM_BYTES } from './bloom.js';
import type { BlockHeader } from './header.js';

export interface GenesisConfig {
  readonly groupId: number;
  /** Time of block 0, milliseconds since 1970. */
  readonly timestampMs: number;
  /** In any order: the mark sorts them. */
  readonly sealers: readonly NodeId[];
  readonly consensusType: 'pbft' | 'raft' | 'rpbft';
  /** Transactions of a block at most; later `tx_count_limit` of the system configuration. */
  readonly maxTransactions: number;
  readonly consensusTimeoutSeconds: number;
  /** Gas of a transaction at most; later `tx_gas_limit`. */
  readonly gasLimit: bigint;
  /** rpbft only: working sealers at a time. */
  readonly epochSealerCount: number;
  /** rpbft only: blocks between rotations. */
  readonly epochBlockCount: number;
  /** Whether storage instructions cost little gas. */
  readonly freeStorage: boolean;
  readonly stateType: 'storage';
}

/** Bit 63 of the flags of the EVM. */
const FREE_STORAGE_FLAG = 1n << 63n;

/** The text whose every difference makes another chain. */
export function genesisMark(config: GenesisConfig): string {
  // Lower-case hexadecimal text of equal length: the default order is the order of the bytes.
  const sealers = [...config.sealers].sort().map((nodeId) => `${nodeId},`);
  const rotation = config.consensusType === 'rpbft' ? [config.epochSealerCount, config.epochBlockCount] : [];
  return [
    config.groupId,
    sealers.join(''),
    config.consensusType,
    config.stateType,
    config.freeStorage ? FREE_STORAGE_FLAG : 0n,
    config.maxTransactions,
    config.gasLimit,
    ...rotation,
    config.consensusTimeoutSeconds,
  ].join('-');
}

export function genesisHeader(config: GenesisConfig): BlockHeader {
  const zero = new Uint8Array(32);
  return {
    parentHash: zero,
    stateRoot: zero,
    transactionsRoot: zero,
    receiptsRoot: zero,
    dbHash: zero,
    logsBloom: new Uint8Array(BLOOM_BYTES),
    number: 0,
    gasLimit: 0n,
    gasUsed: 0n,
    timestampMs: config.timestampMs,
    extraData: [utf8Bytes(genesisMark(config))],
    sealer: 0,
    sealerList: [],
  };
}
