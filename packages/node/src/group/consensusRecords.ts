import { toHex } from '@menglian/base/bytes';
import { failure, success, type Result } from '@menglian/base/result';
import { BinaryReader, BinaryWriter } from '@menglian/codec/binary';
import type { ConsensusRecord, Proposal } from '@menglian/consensus-core/ports';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { consensusOperations, type ConsensusStore } from '@menglian/ledger/consensusStore';
import type { WriteOperation } from '@menglian/storage/ports';
import { MAX_TRANSACTION_BYTES } from '@menglian/types/limits';
import { decodeTransaction, verifyTransaction, type SignedTransaction } from '@menglian/types/transaction';
import type { PersistEffect } from './effectRunner.js';

const ENGINE_PREFIX = 'engine/';

/** Followed by height and digest: `bodies/17/9f…`. */
const BODIES_PREFIX = 'bodies/';
const BODIES_KEY = /^bodies\/([0-9]{1,15})\/[0-9a-f]{64}$/;

/** Transactions in one record of bodies: the engine proposes no more. */
const BODIES_MAX = 1_000_000;

/** Transactions of a proposal that was voted for. */
export interface RestoredBodies {
  readonly height: number;
  readonly transactions: readonly SignedTransaction[];
}

/**
 * What consensus must find again after a crash: the engine's own records, and the transactions of every proposal it
 * voted for, so that a prepared block can be executed although all pools are empty (docs/consensus.md, "Durable").
 */
export class ConsensusRecords {
  readonly #store: ConsensusStore;
  /** Records of bodies on disk, and the height of each. */
  readonly #bodyKeys: Map<string, number>;
  /** The engine's records, as it wrote them. */
  readonly engineRecords: readonly { readonly key: string; readonly value: Uint8Array }[];
  /** Transactions of proposals voted for before the last stop. */
  readonly restoredBodies: readonly RestoredBodies[];

  private constructor(
    store: ConsensusStore,
    engineRecords: readonly { readonly key: string; readonly value: Uint8Array }[],
    bodyKeys: Map<string, number>,
    restoredBodies: readonly RestoredBodies[],
  ) {
    this.#store = store;
    this.#bodyKeys = bodyKeys;
    this.engineRecords = engineRecords;
    this.restoredBodies = restoredBodies;
  }

  /** Reads all records of a group. @returns a sentence when they are damaged: a node that forgot its votes must not vote */
  static async open(store: ConsensusStore, suite: CryptoSuite): Promise<Result<ConsensusRecords>> {
    const engineRecords: { key: string; value: Uint8Array }[] = [];
    const bodyKeys = new Map<string, number>();
    const bodies: RestoredBodies[] = [];
    for (const { key, value } of await store.list('')) {
      if (key.startsWith(ENGINE_PREFIX)) {
        engineRecords.push({ key: key.slice(ENGINE_PREFIX.length), value });
        continue;
      }
      const height = Number(BODIES_KEY.exec(key)?.[1]);
      const transactions = decodeBodies(suite, value);
      if (transactions === undefined || !Number.isSafeInteger(height)) {
        return failure(
          `the consensus record ${key} is damaged; restore the data folder from a copy, or delete it and let the node synchronise`,
        );
      }
      bodyKeys.set(key, height);
      bodies.push({ height, transactions });
    }
    return success(new ConsensusRecords(store, engineRecords, bodyKeys, bodies));
  }

  /**
   * Writes the records of several effects durably, in one batch.
   * @param bodiesOf undefined when they are needed no more
   */
  async write(
    effects: readonly PersistEffect[],
    bodiesOf: (digest: Uint8Array, proposal: Proposal) => readonly SignedTransaction[] | undefined,
  ): Promise<void> {
    const records: ConsensusRecord[] = [];
    for (const effect of effects) {
      for (const { key, value } of effect.records) records.push({ key: ENGINE_PREFIX + key, value });
      for (const { digest, proposal } of effect.bodiesOf ?? []) {
        const key = `${BODIES_PREFIX}${proposal.height}/${toHex(digest)}`;
        if (this.#bodyKeys.has(key)) continue;
        const bodies = bodiesOf(digest, proposal);
        if (bodies === undefined) continue;
        this.#bodyKeys.set(key, proposal.height);
        records.push({ key, value: encodeBodies(bodies) });
      }
    }
    await this.#store.write(records, { durable: true });
  }

  /** The block of `height` is being stored: the bodies voted for up to there go, in the same write. */
  dropBodies(height: number): WriteOperation[] {
    const records: ConsensusRecord[] = [];
    for (const [key, at] of this.#bodyKeys) {
      if (at > height) continue;
      this.#bodyKeys.delete(key);
      records.push({ key, value: undefined });
    }
    return consensusOperations(records);
  }
}

function encodeBodies(transactions: readonly SignedTransaction[]): Uint8Array {
  const writer = new BinaryWriter().u8(1).u32(transactions.length);
  for (const { raw } of transactions) writer.blob(raw);
  return writer.finish();
}

function decodeBodies(suite: CryptoSuite, bytes: Uint8Array): SignedTransaction[] | undefined {
  const reader = new BinaryReader(bytes);
  if (reader.u8() !== 1) return undefined;
  const count = reader.count(BODIES_MAX, 4);
  const bodies: SignedTransaction[] = [];
  for (let i = 0; i < count; i++) {
    const transaction = decodeTransaction(suite, reader.blob(MAX_TRANSACTION_BYTES));
    const signed = transaction.ok ? verifyTransaction(suite, transaction.value) : undefined;
    if (signed === undefined) return undefined;
    bodies.push(signed);
  }
  return reader.end() === undefined ? bodies : undefined;
}
