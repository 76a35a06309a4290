import { concatBytes, EMPTY_BYTES, fromHex } from '@menglian/base/bytes';
import { encodeAbi, selector } from '@menglian/codec/abi';
import type { AbiValue } from '@menglian/codec/abi';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { genesisState } from '@menglian/ledger/genesisState';
import { NO_STATE_DIGEST, stateDigest } from '@menglian/ledger/stateDigest';
import type { Address } from '@menglian/types/address';
import { addressOfPublicKey } from '@menglian/types/address';
import type { GenesisConfig } from '@menglian/types/genesis';
import { signTransaction } from '@menglian/types/transaction';
import type { SignedTransaction } from '@menglian/types/transaction';
import type { BlockInput, BlockResult, CallResult, ExecutionSettings } from '../ports.js';
import { createSerialExecutor } from '../serialExecutor.js';
import { executionSettings } from '../settings.js';
import { MemoryState } from './memoryState.js';

export const TEST_GENESIS: GenesisConfig = {
  groupId: 1,
  timestampMs: 1_700_000_000_000,
  sealers: ['01'.repeat(64), '02'.repeat(64)],
  consensusType: 'pbft',
  maxTransactions: 1000,
  consensusTimeoutSeconds: 3,
  gasLimit: 300_000_000n,
  epochSealerCount: 4,
  epochBlockCount: 1000,
  freeStorage: false,
  stateType: 'storage',
};

const BLOCK_INTERVAL_MS = 1000;

/** Hash of block 0; of the others none is known. */
export const TEST_IDENTITY = new Uint8Array(32).fill(0x11);

function blockHash(number: number): Uint8Array | undefined {
  return number === 0 ? TEST_IDENTITY : undefined;
}

/** An account that signs. Nonces are drawn from a counter: they need only differ. */
export interface TestAccount {
  readonly privateKey: Uint8Array;
  readonly address: Address;
}

export interface TransactionPart {
  /** without it, a creation */
  readonly to?: Address;
  readonly data?: Uint8Array;
  readonly value?: bigint;
  readonly gas?: bigint;
}

/** A chain for tests: committed state in memory, blocks executed and applied one after another. */
export class TestChain {
  readonly suite: CryptoSuite;
  readonly state: MemoryState;
  readonly #genesis: GenesisConfig;
  readonly #settings: Partial<ExecutionSettings>;
  readonly #executor;
  number = 0;
  digest: Uint8Array;
  #nonce = 0n;

  constructor(suite: CryptoSuite, ecdsa: CryptoSuite, settings: Partial<ExecutionSettings> = {}) {
    const changes = genesisState(TEST_GENESIS);
    this.suite = suite;
    this.#genesis = TEST_GENESIS;
    this.#settings = settings;
    this.#executor = createSerialExecutor(ecdsa);
    this.state = new MemoryState(changes);
    this.digest = stateDigest(suite, NO_STATE_DIGEST, changes);
  }

  account(seed: number): TestAccount {
    const privateKey = this.suite.hash(Uint8Array.of(seed & 0xff, seed >> 8));
    return { privateKey, address: addressOfPublicKey(this.suite, this.suite.publicKey(privateKey)) };
  }

  sign(account: TestAccount, part: TransactionPart): SignedTransaction {
    this.#nonce += 1n;
    const fields = {
      nonce: this.#nonce,
      gasPrice: 0n,
      gas: part.gas ?? this.#genesis.gasLimit,
      blockLimit: BigInt(this.number + 500),
      to: part.to,
      value: part.value ?? 0n,
      data: part.data ?? EMPTY_BYTES,
      chainId: 1n,
      groupId: 1n,
      extraData: EMPTY_BYTES,
    };
    return signTransaction(this.suite, fields, account.privateKey);
  }

  /** What the next block with these transactions is to an executor. */
  input(transactions: readonly SignedTransaction[]): BlockInput {
    const number = this.number + 1;
    return {
      suite: this.suite,
      view: this.state,
      settings: this.#settingsAt(this.number),
      blockHash,
      header: { number, timestampMs: this.#genesis.timestampMs + number * BLOCK_INTERVAL_MS },
      parent: { stateDigest: this.digest },
      transactions,
    };
  }

  /** Executes the next block without keeping it. */
  execute(transactions: readonly SignedTransaction[]): BlockResult {
    return this.#executor.executeBlock(this.input(transactions));
  }

  /** Executes and keeps the next block. */
  run(...transactions: readonly SignedTransaction[]): BlockResult {
    const result = this.execute(transactions);
    this.keep(result);
    return result;
  }

  /** Makes an executed block the head. */
  keep(result: BlockResult): void {
    this.state.apply(result.changes);
    this.digest = result.stateDigest;
    this.number += 1;
  }

  call(from: Address, part: TransactionPart): CallResult {
    return this.#executor.executeCall({
      suite: this.suite,
      view: this.state,
      settings: this.#settingsAt(this.number),
      blockHash,
      header: { number: this.number, timestampMs: this.#genesis.timestampMs + this.number * BLOCK_INTERVAL_MS },
      from,
      to: part.to,
      value: part.value ?? 0n,
      data: part.data ?? EMPTY_BYTES,
    });
  }

  /** Call data of a function. Text arguments are byte strings. */
  data(signature: string, ...values: readonly AbiValue[]): Uint8Array {
    const list = signature.slice(signature.indexOf('(') + 1, -1);
    const types = list === '' ? [] : list.split(',');
    return concatBytes(
      selector((data) => this.suite.hash(data), signature),
      encodeAbi(types, values),
    );
  }

  #settingsAt(parentNumber: number): ExecutionSettings {
    const { freeStorage, gasLimit } = this.#genesis;
    return { ...executionSettings(this.state, parentNumber, freeStorage, gasLimit), ...this.#settings };
  }
}

/** Init code that deploys exactly this runtime code. */
export function deploying(runtimeCode: Uint8Array): Uint8Array {
  const length = runtimeCode.length.toString(16).padStart(6, '0');
  return concatBytes(fromHex(`62${length}80600d6000396000f3`), runtimeCode);
}
