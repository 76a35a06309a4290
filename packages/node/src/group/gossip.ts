import { fromHex, toHex } from '@menglian/base/bytes';
import { success, type Result } from '@menglian/base/result';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { TRANSACTIONS_PER_MESSAGE_MAX } from '@menglian/sync/limits';
import { decodeTransactionMessage, encodeTransactionMessage } from '@menglian/sync/messages';
import { TransactionFetch, type TransactionRequest } from '@menglian/sync/transactionFetch';
import type { Refusal } from '@menglian/txpool/refusal';
import type { TransactionPool } from '@menglian/txpool/transactionPool';
import type { NodeId } from '@menglian/types/address';
import {
  decodeTransaction,
  verifyTransaction,
  type SignedTransaction,
  type Transaction,
  type TransactionReason,
} from '@menglian/types/transaction';
import { refusal } from '@menglian/txpool/refusal';
import type { Cancel, Clock, Timers } from './clock.js';
import { Inbox } from './inbox.js';
import type { Proposals, VerifyProposalEffect } from './proposals.js';

/** Transactions from clients are sent on in batches of this many bytes, or after this time, whatever comes first. */
const OUTBOX_BYTES = 64 * 1024;
const OUTBOX_DELAY_MS = 5;

/** Bytes of transactions in one message of an answer, and in all that one request is answered with. */
const ANSWER_BYTES_MAX = 1024 * 1024;
const ANSWER_BYTES_MAX_ALL = 4 * ANSWER_BYTES_MAX;

/** Time spent on checking bodies before other messages, above all those of consensus, get their turn. */
const INBOX_SLICE_MS = 4;

/** Transactions that wait longer than this are announced to all peers again, this many at once, this often. */
const ANNOUNCE_AGE_MS = 2000;
const ANNOUNCE_COUNT_MAX = 1000;
const ANNOUNCE_INTERVAL_MS = 1000;

/** Why bytes from a client did not become a pooled transaction. */
export type AdmissionProblem =
  | { readonly kind: 'malformed'; readonly reason: TransactionReason }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly hash: Uint8Array; readonly blockLimit: bigint };

/** Brings transactions in: from clients to the pool and on to the peers, from peers to the pool and to proposals. */
export class Gossip {
  readonly #suite: CryptoSuite;
  readonly #pool: TransactionPool;
  readonly #proposals: Proposals;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #send: (to: readonly NodeId[], payload: Uint8Array) => void;
  readonly #isStored: (hash: Uint8Array) => boolean;
  readonly #isReserved: (transaction: Transaction) => boolean;
  readonly #peers: () => readonly NodeId[];
  readonly #onPooled: () => void;
  readonly #onComplete: (effect: VerifyProposalEffect) => void;
  readonly #fetch = new TransactionFetch();
  #outbox: Uint8Array[] = [];
  #outboxBytes = 0;
  #cancelOutbox: Cancel | undefined;
  readonly #inbox = new Inbox();
  #cancelInbox: Cancel | undefined;
  #announcedAtMs = 0;

  constructor(
    options: { readonly suite: CryptoSuite },
    components: {
      readonly pool: TransactionPool;
      readonly proposals: Proposals;
      readonly clock: Clock;
      readonly timers: Timers;
      readonly send: (to: readonly NodeId[], payload: Uint8Array) => void;
      /** whether a stored block holds the transaction of this hash */
      readonly isStored: (hash: Uint8Array) => boolean;
      /** whether only leaders make such a transaction: it stays out of the pool */
      readonly isReserved: (transaction: Transaction) => boolean;
      /** connected nodes of the group */
      readonly peers: () => readonly NodeId[];
      /** the pool may hold more than before */
      readonly onPooled: () => void;
      /** the last body of a proposal has come */
      readonly onComplete: (effect: VerifyProposalEffect) => void;
    },
  ) {
    this.#suite = options.suite;
    this.#pool = components.pool;
    this.#proposals = components.proposals;
    this.#clock = components.clock;
    this.#timers = components.timers;
    this.#send = components.send;
    this.#isStored = components.isStored;
    this.#isReserved = components.isReserved;
    this.#peers = components.peers;
    this.#onPooled = components.onPooled;
    this.#onComplete = components.onComplete;
  }

  /** Takes a transaction from a client. @returns its hash */
  submit(raw: Uint8Array): Result<Uint8Array, AdmissionProblem> {
    const decoded = decodeTransaction(this.#suite, raw);
    if (!decoded.ok) return { ok: false, reason: { kind: 'malformed', reason: decoded.reason } };
    const transaction = decoded.value;
    const refuse = (reason: Refusal) => {
      const { hash, blockLimit } = transaction;
      return { ok: false, reason: { kind: 'refused', refusal: reason, hash, blockLimit } } as const;
    };
    const early = this.#pool.precheck(transaction);
    if (early !== undefined) return refuse(early);
    if (this.#isReserved(transaction)) return refuse(refusal('TransactionRefused'));
    const signed = verifyTransaction(this.#suite, transaction);
    if (signed === undefined) return refuse(refusal('TransactionSubmitFailed'));
    const admitted = this.#pool.admit(signed, this.#clock.monotonicMs());
    if (!admitted.ok) return refuse(admitted.reason);
    this.#sendOn(transaction.raw);
    this.#settle(signed);
    this.#onPooled();
    return success(transaction.hash);
  }

  onMessage(from: NodeId, payload: Uint8Array): void {
    const message = decodeTransactionMessage(payload);
    if (!message.ok) return;
    switch (message.value.kind) {
      case 'bodies':
        for (const raw of message.value.transactions) this.#receive(raw);
        this.#cancelInbox ??= this.#timers.soon(() => this.#readInbox());
        break;
      case 'announcement':
        this.#onAnnouncement(from, message.value.hashes);
        break;
      case 'request':
        this.#onRequest(from, message.value.hashes);
        break;
    }
  }

  /** Checks those of these bodies that wait in the inbox, out of turn: a proposal needs them now. */
  hurry(ids: Iterable<string>): void {
    for (const id of ids) {
      const raw = this.#inbox.take(id);
      if (raw !== undefined) this.#onBody(raw);
    }
  }

  /** Fetches bodies, asking `sources` in turn. */
  fetch(ids: Iterable<string>, sources: readonly NodeId[]): void {
    this.#fetch.want(ids, sources, this.#clock.monotonicMs());
  }

  abandon(ids: Iterable<string>): void {
    for (const id of ids) this.#fetch.settle(id);
  }

  onPeerDown(nodeId: NodeId): void {
    this.#fetch.dropSource(nodeId);
  }

  /** Repeats late requests and announces what waits too long; call some times a second. */
  tick(): void {
    const nowMs = this.#clock.monotonicMs();
    this.#request(this.#fetch.tick(nowMs));
    if (nowMs - this.#announcedAtMs < ANNOUNCE_INTERVAL_MS) return;
    this.#announcedAtMs = nowMs;
    const waiting = this.#pool.waiting(ANNOUNCE_AGE_MS, ANNOUNCE_COUNT_MAX, nowMs);
    if (waiting.length === 0) return;
    const hashes = waiting.map((transaction) => transaction.hash);
    this.#send(this.#peers(), encodeTransactionMessage({ kind: 'announcement', hashes }));
  }

  stop(): void {
    this.#cancelInbox?.();
    this.#cancelOutbox?.();
  }

  #receive(raw: Uint8Array): void {
    const id = toHex(this.#suite.hash(raw));
    if (this.#pool.get(id) !== undefined) return this.#fetch.settle(id);
    // A copy: a view would keep the whole message in memory, as long as one transaction of it is in the pool.
    const body = raw.slice();
    // What a proposal waits for does not stand in line behind what somebody floods.
    if (this.#proposals.wants(id)) this.#onBody(body);
    else this.#inbox.add(id, body);
  }

  /** Checks bodies for a short time and comes back for the rest. */
  #readInbox(): void {
    const untilMs = this.#clock.monotonicMs() + INBOX_SLICE_MS;
    while (this.#clock.monotonicMs() < untilMs) {
      const raw = this.#inbox.takeOldest();
      if (raw === undefined) break;
      this.#onBody(raw);
    }
    this.#cancelInbox = this.#inbox.size > 0 ? this.#timers.soon(() => this.#readInbox()) : undefined;
    this.#onPooled();
  }

  #onBody(raw: Uint8Array): void {
    const decoded = decodeTransaction(this.#suite, raw);
    if (!decoded.ok) return;
    const id = toHex(decoded.value.hash);
    const pooled = this.#pool.get(id);
    if (pooled !== undefined) return this.#settle(pooled);
    const isWanted = this.#proposals.wants(id);
    const isPoolable = !this.#isReserved(decoded.value) && this.#pool.precheck(decoded.value) === undefined;
    if (!isWanted && !isPoolable) return this.#fetch.settle(id);
    const signed = verifyTransaction(this.#suite, decoded.value);
    if (signed === undefined) return;
    if (isPoolable) this.#pool.admit(signed, this.#clock.monotonicMs());
    this.#settle(signed);
  }

  #settle(signed: SignedTransaction): void {
    this.#fetch.settle(toHex(signed.hash));
    for (const effect of this.#proposals.onTransaction(signed)) this.#onComplete(effect);
  }

  #onAnnouncement(from: NodeId, hashes: readonly Uint8Array[]): void {
    const unknown = hashes
      .filter((hash) => !this.#isStored(hash))
      .map(toHex)
      .filter((id) => this.#pool.get(id) === undefined && !this.#inbox.has(id));
    this.#fetch.announce(unknown, from, this.#clock.monotonicMs());
  }

  #onRequest(from: NodeId, hashes: readonly Uint8Array[]): void {
    let batch: Uint8Array[] = [];
    let bytes = 0;
    let answered = 0;
    const flush = () => {
      if (batch.length > 0) this.#send([from], encodeTransactionMessage({ kind: 'bodies', transactions: batch }));
      batch = [];
      bytes = 0;
    };
    for (const hash of hashes) {
      const raw = this.#proposals.body(toHex(hash))?.raw;
      if (raw === undefined) continue;
      answered += raw.length;
      if (answered > ANSWER_BYTES_MAX_ALL) break;
      if (bytes + raw.length > ANSWER_BYTES_MAX) flush();
      batch.push(raw);
      bytes += raw.length;
    }
    flush();
  }

  #request(requests: readonly TransactionRequest[]): void {
    for (const { to, ids } of requests) {
      if (ids.length === 0) continue;
      const hashes = ids.map(fromHex);
      this.#send([to], encodeTransactionMessage({ kind: 'request', hashes }));
    }
  }

  #sendOn(raw: Uint8Array): void {
    this.#outbox.push(raw);
    this.#outboxBytes += raw.length;
    if (this.#outboxBytes >= OUTBOX_BYTES || this.#outbox.length >= TRANSACTIONS_PER_MESSAGE_MAX) this.flush();
    else this.#cancelOutbox ??= this.#timers.setTimer(() => this.flush(), OUTBOX_DELAY_MS);
  }

  /** Sends on what waits in the outbox. */
  flush(): void {
    this.#cancelOutbox?.();
    this.#cancelOutbox = undefined;
    const transactions = this.#outbox;
    this.#outbox = [];
    this.#outboxBytes = 0;
    if (transactions.length > 0) this.#send(this.#peers(), encodeTransactionMessage({ kind: 'bodies', transactions }));
  }
}
