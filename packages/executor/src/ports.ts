import type { CryptoSuite } from '@menglian/crypto/suite';
import type { StateChange, StateView } from '@menglian/ledger/stateView';
import type { Address } from '@menglian/types/address';
import type { Receipt } from '@menglian/types/receipt';
import type { SignedTransaction } from '@menglian/types/transaction';

/**
 * Runs blocks and RPC calls. Synchronous and deterministic: the results are a function of the input alone, the same on
 * every node, for every implementation (serial, parallel) and for any content of caches. Total: whatever a transaction
 * holds, it gets a receipt; only broken invariants throw.
 */
export interface BlockExecutor {
  executeBlock(block: BlockInput): BlockResult;
  executeCall(call: CallInput): CallResult;
}

/** Settings of the chain that are in force for the block; `executionSettings` reads them from the state. */
export interface ExecutionSettings {
  /** System value `tx_gas_limit`: the limit of EVERY transaction, its own gas field limits nothing. */
  readonly gasLimit: bigint;
  /** The group's genesis chose the FreeStorage gas schedule. */
  readonly freeStorage: boolean;
  /** System value `enable_charge_mgr` is `on`: accounts pay for gas out of what a charger gave them. */
  readonly chargeGas: boolean;
}

/** What both kinds of execution need to know of the chain. */
export interface ChainInput {
  readonly suite: CryptoSuite;
  /** Committed state: after the parent for a block, after the latest block for a call. */
  readonly view: StateView;
  readonly settings: ExecutionSettings;
  /** Hashes of blocks before this one; asked for the last 256 and for block 0. */
  blockHash(number: number): Uint8Array | undefined;
}

export interface BlockInput extends ChainInput {
  readonly header: { readonly number: number; readonly timestampMs: number };
  readonly parent: { readonly stateDigest: Uint8Array };
  readonly transactions: readonly SignedTransaction[];
}

export interface BlockResult {
  /** In the order of the transactions; `stateRoot` holds the digest. */
  readonly receipts: readonly Receipt[];
  /** Sorted by key, unique, only what really differs from the view. */
  readonly changes: readonly StateChange[];
  readonly stateDigest: Uint8Array;
  readonly transactionsRoot: Uint8Array;
  readonly receiptsRoot: Uint8Array;
}

export interface CallInput extends ChainInput {
  /** Of the latest block: what NUMBER and TIMESTAMP show. */
  readonly header: { readonly number: number; readonly timestampMs: number };
  readonly from: Address;
  /** undefined acts as the zero address: a call cannot simulate a deployment. */
  readonly to: Address | undefined;
  readonly value: bigint;
  readonly data: Uint8Array;
}

export interface CallResult {
  /** A status of receipts; failures of the code are results, not errors. */
  readonly status: number;
  readonly output: Uint8Array;
  readonly gasUsed: bigint;
}
