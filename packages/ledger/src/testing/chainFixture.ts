/** Made-up chains for tests: the same seed makes the same blocks. Nothing executes; the changes are random. */
import { compareBytes, concatBytes, toByteString, toHex } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { SeededRandom } from '@menglian/base/seededRandom';
import { encodeRlp, rlpInteger } from '@menglian/codec/rlp';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { addressFromBytes, ZERO_ADDRESS } from '@menglian/types/address';
import type { Block } from '@menglian/types/block';
import { bloomOf } from '@menglian/types/bloom';
import { type GenesisConfig, genesisHeader } from '@menglian/types/genesis';
import { type BlockHeader, headerHash } from '@menglian/types/header';
import { merkleRoot } from '@menglian/types/merkle';
import { type Log, type Receipt, receiptHash } from '@menglian/types/receipt';
import { decodeTransaction, type SignedTransaction, withSender } from '@menglian/types/transaction';
import { genesisState } from '../genesisState.js';
import type { OrderRecord } from '../orderRecord.js';
import { NO_STATE_DIGEST, stateDigest } from '../stateDigest.js';
import {
  accountKey,
  codeKey,
  encodeAccount,
  encodeRows,
  encodeStorageWord,
  rowsKey,
  storageKey,
} from '../stateRecords.js';
import type { StateChange } from '../stateView.js';

export const TEST_GENESIS: GenesisConfig = {
  groupId: 1,
  timestampMs: 1_600_000_000_000,
  sealers: ['b', '0', 'f', '7'].map((digit) => digit.repeat(128)),
  consensusType: 'pbft',
  maxTransactions: 1000,
  consensusTimeoutSeconds: 3,
  gasLimit: 300_000_000n,
  epochSealerCount: 4,
  epochBlockCount: 1000,
  freeStorage: false,
  stateType: 'storage',
};

/** What `Ledger.commit` takes. */
export interface TestBlock {
  readonly block: Block;
  readonly changes: readonly StateChange[];
  readonly order: OrderRecord;
  readonly signed: readonly SignedTransaction[];
}

export interface TestBlockSize {
  readonly transactions: number;
  /** At most so many keys change. */
  readonly changes: number;
  /** Bytes of input of each transaction; about 145 less than its encoding. */
  readonly inputBytes?: number;
}

export class TestChain {
  readonly #suite: CryptoSuite;
  readonly #random: SeededRandom;
  #parent: BlockHeader;
  #digest: Uint8Array;

  constructor(suite: CryptoSuite, seed: number, genesis: GenesisConfig = TEST_GENESIS) {
    this.#suite = suite;
    this.#random = new SeededRandom(seed);
    this.#parent = genesisHeader(genesis);
    this.#digest = stateDigest(suite, NO_STATE_DIGEST, genesisState(genesis));
  }

  next(size: TestBlockSize): TestBlock {
    const suite = this.#suite;
    const changes = this.#changes(size.changes);
    const digest = stateDigest(suite, this.#digest, changes);
    const signed = Array.from({ length: size.transactions }, () => this.#transaction(size.inputBytes ?? 60));
    const receipts = signed.map(() => this.#receipt(digest));
    const header: BlockHeader = {
      ...this.#parent,
      parentHash: headerHash(suite, this.#parent),
      stateRoot: digest,
      dbHash: digest,
      transactionsRoot: merkleRoot(
        suite,
        signed.map(({ hash }) => hash),
      ),
      receiptsRoot: merkleRoot(
        suite,
        receipts.map((receipt) => receiptHash(suite, receipt)),
      ),
      number: this.#parent.number + 1,
      timestampMs: this.#parent.timestampMs + 1 + this.#random.below(1000),
      extraData: [],
      sealer: this.#random.below(4),
      sealerList: TEST_GENESIS.sealers.toSorted(),
    };
    this.#parent = header;
    this.#digest = digest;
    const signatures = [0, 2, 3].map((index) => ({ index, signature: this.#random.bytes(suite.signatureLength) }));
    const block = {
      header,
      hash: headerHash(suite, header),
      transactions: signed.map(({ raw }) => raw),
      signatures,
      receipts,
    };
    return { block, changes, order: { digest: block.hash, epoch: 0 }, signed };
  }

  /** Well-formed, with a sender and a signature that have nothing to do with each other: signing costs too much here. */
  #transaction(inputBytes: number): SignedTransaction {
    const to = this.#random.chance(10) ? new Uint8Array(0) : this.#random.bytes(20);
    const integers = [this.#scalar(), 22_000_000_000n, 4_300_000n, BigInt(this.#parent.number + 500)].map(rlpInteger);
    const rest = [rlpInteger(0n), this.#random.bytes(inputBytes), rlpInteger(1n), rlpInteger(1n), new Uint8Array(0)];
    const signature = [27n + BigInt(this.#random.below(2)), this.#scalar(), this.#scalar()].map(rlpInteger);
    const decoded = decodeTransaction(this.#suite, encodeRlp([...integers, to, ...rest, ...signature]));
    invariant(decoded.ok, 'ledger/test-transaction');
    return withSender(decoded.value, addressFromBytes(this.#random.bytes(20)));
  }

  #scalar(): bigint {
    return BigInt(`0x${toHex(this.#random.bytes(31))}`);
  }

  #receipt(stateRoot: Uint8Array): Receipt {
    const random = this.#random;
    const isCreation = random.chance(10);
    const logs: Log[] = Array.from({ length: random.chance(40) ? 1 + random.below(2) : 0 }, () => ({
      address: addressFromBytes(random.bytes(20)),
      topics: Array.from({ length: random.below(5) }, () => random.bytes(32)),
      data: random.bytes(random.below(100)),
    }));
    return {
      stateRoot,
      gasUsed: BigInt(21_000 + random.below(100_000)),
      contractAddress: isCreation ? addressFromBytes(random.bytes(20)) : ZERO_ADDRESS,
      logsBloom: bloomOf(this.#suite, logs),
      status: random.chance(20) ? random.pick([10, 12, 21, 22, 26]) : 0,
      output: random.bytes(random.chance(50) ? 32 : 0),
      remainGas: random.chance(5) ? BigInt(random.below(1_000_000)) : 0n,
      logs,
    };
  }

  /** From a small set of keys, so that blocks overwrite and delete what others wrote. */
  #changes(count: number): StateChange[] {
    const random = this.#random;
    const changes = new Map<string, StateChange>();
    for (let i = 0; i < count; i++) {
      const change = this.#change(addressFromBytes(concatBytes(new Uint8Array(18), random.bytes(2))));
      changes.set(toByteString(change.key), change);
    }
    return [...changes.values()].sort((a, b) => compareBytes(a.key, b.key));
  }

  #change(address: string): StateChange {
    const random = this.#random;
    const isDeleted = random.chance(15);
    switch (random.below(8)) {
      case 0: {
        const record = {
          codeHash: this.#suite.emptyHash,
          creationCount: BigInt(random.below(5)),
          frozen: random.chance(10),
          managers: [address],
          remainGas: random.chance(20) ? BigInt(random.below(1000)) : undefined,
          destroyed: false,
        };
        return { key: accountKey(address), value: encodeAccount(record) };
      }
      case 1: {
        const code = random.bytes(random.below(500) + 1);
        return { key: codeKey(this.#suite.hash(code)), value: code };
      }
      case 2:
      case 3: {
        const key = `user${random.below(50)}`;
        const fields = new Map([
          ['user_name', key],
          ['user_balance', String(random.below(1_000_000))],
        ]);
        const value = encodeRows([{ id: 0, fields, block: this.#parent.number + 1 }]);
        return { key: rowsKey('u_dag_transfer', key), value: isDeleted ? undefined : value };
      }
      default: {
        const word = isDeleted ? 0n : this.#scalar();
        return { key: storageKey(address, BigInt(random.below(3))), value: encodeStorageWord(word) };
      }
    }
  }
}
