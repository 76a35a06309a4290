import { invariant } from '@menglian/base/invariant';
import {
  EXECUTION_WORKERS_MAX,
  PARALLEL_BLOCK_BYTES,
  PARALLEL_TRANSACTIONS_MAX,
  SHARED_KEY_BYTES_MAX,
  SHARED_STATE_BYTES,
  SHARED_STATE_KEYS_MAX,
  WORKER_RESULT_BYTES,
} from './limits.js';

/** Words of `control`. */
export const Control = {
  /** Number of the block that is executed; workers wait for it to rise. */
  Block: 0,
  /** 1: workers return. */
  Stop: 1,
  /** Rises whenever a worker has something for the coordinator, which waits on it. */
  Doorbell: 2,
  /** Transactions of the block whose outcome is settled: all below this index. Workers wait on it for predecessors. */
  Settled: 3,
  TransactionCount: 4,
  /** Rises when all that workers remember of the state is void. */
  StateGeneration: 5,
  /** How far a worker may be ahead of what is settled before it rings for that alone. */
  Lead: 6,
  /** Block that worker w has nothing left to do in: one word each, from here on. */
  IdleSince: 16,
} as const;

/** What becomes of a transaction. */
export const TransactionState = {
  /** for any worker to claim */
  Free: 0,
  Claimed: 1,
  /** the outcome is in the claimer's results */
  Done: 2,
  /** for the coordinator, when its turn has come */
  InOrder: 3,
} as const;

/** Words of a mailbox. */
export const Mail = { State: 0, Question: 1, KeyBytes: 2, Answer: 3, Words: 4 } as const;
export const MailState = { Empty: 0, Asked: 1, Answered: 2 } as const;

/** What a worker asks the coordinator for: the index of a key in `heads`, or where in `heap` the parent's value lies. */
export const Question = { Index: 0, ParentValue: 1 } as const;
/** The answer to a question that the memory has no room for. */
export const NO_ROOM = -1;

/** The record of an absent value; the first word of the heap. */
export const ABSENT_RECORD = 0;
const ABSENT_LENGTH = -1;

/** A power of two, so that most keys are found at their first slot. */
const KEY_SLOTS = 2 * SHARED_STATE_KEYS_MAX;

/** Slots a key is looked for in. A contract can choose its slots so that their hashes collide: then they are not shared. */
const PROBES_MAX = 32;

/**
 * All that the group's thread and its execution workers have in common. Pages that are never touched take no memory.
 * Everything in it is written by one side, and seen by the other through an atomic word that is stored last.
 */
export interface SharedBuffers {
  readonly workers: number;
  readonly control: SharedArrayBuffer;
  readonly transactions: SharedArrayBuffer;
  readonly block: SharedArrayBuffer;
  readonly keys: SharedArrayBuffer;
  readonly heads: SharedArrayBuffer;
  readonly heap: SharedArrayBuffer;
  readonly mail: SharedArrayBuffer;
  readonly results: SharedArrayBuffer;
}

export function createSharedBuffers(workers: number): SharedBuffers {
  invariant(Number.isInteger(workers) && workers > 0 && workers <= EXECUTION_WORKERS_MAX, 'executor/worker-count');
  return {
    workers,
    control: new SharedArrayBuffer(4 * (Control.IdleSince + workers)),
    transactions: new SharedArrayBuffer(3 * 4 * PARALLEL_TRANSACTIONS_MAX),
    block: new SharedArrayBuffer(PARALLEL_BLOCK_BYTES),
    keys: new SharedArrayBuffer(4 * (KEY_SLOTS + SHARED_STATE_KEYS_MAX)),
    heads: new SharedArrayBuffer(4 * SHARED_STATE_KEYS_MAX),
    heap: new SharedArrayBuffer(SHARED_STATE_BYTES),
    mail: new SharedArrayBuffer(workers * (4 * Mail.Words + SHARED_KEY_BYTES_MAX)),
    results: new SharedArrayBuffer(workers * WORKER_RESULT_BYTES),
  };
}

/** One thread's arrays over the buffers. */
export class SharedMemory {
  readonly workers: number;
  readonly control: Int32Array;
  /** `TransactionState` of each. */
  readonly states: Int32Array;
  /** Of each the index of the transaction that must be settled first, or -1. */
  readonly predecessors: Int32Array;
  /** Of each that is done: where its outcome begins in `results`. */
  readonly places: Int32Array;
  readonly block: Uint8Array;
  /** Where keys are found by their hash: index + 1, or 0. */
  readonly keySlots: Int32Array;
  /** Of each index the record of its key. */
  readonly keyRecords: Int32Array;
  /** Of each key the record of its value now: an index of `heap` in words. Records never change, so it names a version. */
  readonly heads: Int32Array;
  readonly heap: Int32Array;
  readonly heapBytes: Uint8Array;
  readonly results: Uint8Array;
  readonly #mail: SharedArrayBuffer;

  constructor(buffers: SharedBuffers) {
    this.workers = buffers.workers;
    this.control = new Int32Array(buffers.control);
    const count = PARALLEL_TRANSACTIONS_MAX;
    this.states = new Int32Array(buffers.transactions, 0, count);
    this.predecessors = new Int32Array(buffers.transactions, 4 * count, count);
    this.places = new Int32Array(buffers.transactions, 8 * count, count);
    this.block = new Uint8Array(buffers.block);
    this.keySlots = new Int32Array(buffers.keys, 0, KEY_SLOTS);
    this.keyRecords = new Int32Array(buffers.keys, 4 * KEY_SLOTS);
    this.heads = new Int32Array(buffers.heads);
    this.heap = new Int32Array(buffers.heap);
    this.heapBytes = new Uint8Array(buffers.heap);
    this.results = new Uint8Array(buffers.results);
    this.#mail = buffers.mail;
  }

  mailbox(worker: number): { readonly words: Int32Array; readonly key: Uint8Array } {
    const start = worker * (4 * Mail.Words + SHARED_KEY_BYTES_MAX);
    const words = new Int32Array(this.#mail, start, Mail.Words);
    return { words, key: new Uint8Array(this.#mail, start + 4 * Mail.Words, SHARED_KEY_BYTES_MAX) };
  }

  /** @returns a copy, or undefined for an absent value */
  record(index: number): Uint8Array | undefined {
    const length = this.heap[index]!;
    if (length === ABSENT_LENGTH) return undefined;
    const start = 4 * (index + 1);
    return this.heapBytes.slice(start, start + length);
  }

  /** Whether the record is this, without a copy. */
  isRecord(index: number, value: Uint8Array): boolean {
    if (this.heap[index] !== value.length) return false;
    const start = 4 * (index + 1);
    for (let i = 0; i < value.length; i++) if (this.heapBytes[start + i] !== value[i]) return false;
    return true;
  }

  /** The index of a key, or -1; the slot where it is or may be put, or -1 where too many others are. */
  findKey(key: Uint8Array): { readonly index: number; readonly slot: number } {
    const first = slotOf(key);
    for (let i = 0; i < PROBES_MAX; i++) {
      const slot = (first + i) & (KEY_SLOTS - 1);
      const index = Atomics.load(this.keySlots, slot) - 1;
      if (index < 0 || this.isRecord(this.keyRecords[index]!, key)) return { index, slot };
    }
    return { index: -1, slot: -1 };
  }

  /** Writes a record. @returns its length in words; the caller has made sure that they are there */
  putRecord(index: number, value: Uint8Array | undefined): number {
    this.heap[index] = value === undefined ? ABSENT_LENGTH : value.length;
    if (value === undefined) return 1;
    this.heapBytes.set(value, 4 * (index + 1));
    return recordWords(value);
  }
}

/** FNV-1a. */
function slotOf(key: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key[i]!, 0x01000193);
  return (hash ^ (hash >>> 15)) & (KEY_SLOTS - 1);
}

export function recordWords(value: Uint8Array): number {
  return 1 + Math.ceil(value.length / 4);
}
