import { fromHex, toHex } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { pooledCopy } from '@menglian/base/pooledBytes';
import { success, type Result } from '@menglian/base/result';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { TRANSACTIONS_PER_MESSAGE_MAX } from '@menglian/sync/limits';
import { decodeTransactionMessage, encodeTransactionMessage, type Bodies } from '@menglian/sync/messages';
import { TransactionFetch, type TransactionRequest } from '@menglian/sync/transactionFetch';
import { refusal, type Refusal } from '@menglian/txpool/refusal';
import { SenderKeys, type Unchecked } from '@menglian/txpool/senderKeys';
import type { TransactionPool } from '@menglian/txpool/transactionPool';
import type { NodeId } from '@menglian/types/address';
import { hashAll } from '@menglian/types/hashBatch';
import {
  decodeTransactions,
  type SignedTransaction,
  type Transaction,
  type TransactionReason,
} from '@menglian/types/transaction';
import type { Cancel, Clock, Timers } from './clock.js';
import { type Arrival, Inbox } from './inbox.js';
import { Pace } from './pace.js';
import { PeerConduct } from './peerConduct.js';
import type { Proposals, VerifyProposalEffect } from './proposals.js';

/** Transactions from clients are sent on in batches of this many bytes, or after this time, whatever comes first. */
const OUTBOX_BYTES = 64 * 1024;
const OUTBOX_DELAY_MS = 5;

/** Bytes of transactions in one message of an answer, and in all that one request is answered with. */
const ANSWER_BYTES_MAX = 1024 * 1024;
const ANSWER_BYTES_MAX_ALL = 4 * ANSWER_BYTES_MAX;

/** Time spent on checking bodies before other messages, above all those of consensus, get their turn. */
const INBOX_SLICE_MS = 8;

/** Bodies checked at once: beyond it, checking more of them together is hardly cheaper. */
const INBOX_BATCH_MAX = 512;

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
  readonly #senderKeys: SenderKeys;
  readonly #conduct: PeerConduct;
  readonly #pace = new Pace({ sliceMs: INBOX_SLICE_MS, countMax: INBOX_BATCH_MAX });
  #outbox: SignedTransaction[] = [];
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
      /** a peer sends forgeries and is not listened to for a while */
      readonly onForger: (peer: NodeId) => void;
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
    this.#conduct = new PeerConduct(components.onForger);
    this.#senderKeys = new SenderKeys(options.suite);
  }

  /** Takes transactions from a client, as if one after another. @returns the hash of each */
  submit(raws: readonly Uint8Array[]): Result<Uint8Array, AdmissionProblem>[] {
    const results: (Result<Uint8Array, AdmissionProblem> | undefined)[] = raws.map(() => undefined);
    const unchecked: (Unchecked & { readonly index: number })[] = [];
    for (const [index, decoded] of decodeTransactions(this.#suite, raws).entries()) {
      if (!decoded.ok) {
        results[index] = { ok: false, reason: { kind: 'malformed', reason: decoded.reason } };
        continue;
      }
      const transaction = decoded.value;
      const early = this.#pool.precheck(transaction);
      if (early !== undefined) results[index] = refused(transaction, early);
      else if (this.#isReserved(transaction)) results[index] = refused(transaction, refusal('TransactionRefused'));
      else unchecked.push({ transaction, index });
    }
    const nowMs = this.#clock.monotonicMs();
    for (const [place, signed] of this.#senderKeys.verify(unchecked).entries()) {
      const { transaction, index } = unchecked[place]!;
      results[index] =
        signed === undefined ? refused(transaction, refusal('InvalidSignature')) : this.#admitSubmitted(signed, nowMs);
    }
    this.#onPooled();
    return results.map((result) => {
      invariant(result !== undefined, 'node/submit-answered');
      return result;
    });
  }

  #admitSubmitted(signed: SignedTransaction, nowMs: number): Result<Uint8Array, AdmissionProblem> {
    const admitted = this.#pool.admitPrechecked(signed, nowMs);
    if (!admitted.ok) return refused(signed, admitted.reason);
    this.#sendOn(signed);
    this.#settle(signed);
    return success(signed.hash);
  }

  onMessage(from: NodeId, payload: Uint8Array): void {
    const message = decodeTransactionMessage(payload);
    if (!message.ok) return;
    switch (message.value.kind) {
      case 'bodies':
        this.#onBodies(from, message.value);
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
    if (this.#inbox.size === 0) return;
    const arrivals: Arrival[] = [];
    for (const id of ids) {
      const arrival = this.#inbox.take(id);
      if (arrival !== undefined) arrivals.push(arrival);
    }
    this.#check(arrivals);
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
    this.#conduct.forget(nodeId, this.#clock.monotonicMs());
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

  #onBodies(from: NodeId, { transactions: raws, senders, parities }: Bodies): void {
    const isIgnored = this.#conduct.isIgnored(from, this.#clock.monotonicMs());
    const wanted: Arrival[] = [];
    for (const [index, hash] of hashAll(this.#suite, raws).entries()) {
      const id = toHex(hash);
      if (this.#pool.get(id) !== undefined) {
        this.#fetch.settle(id);
        continue;
      }
      const isWanted = this.#proposals.wants(id);
      if (isIgnored && !isWanted) continue;
      // A copy: a view would keep the whole message in memory, as long as one transaction of it is in the pool.
      const said = { likelySender: senders?.[index], likelyParity: parities?.[index] };
      const arrival = { id, hash, raw: pooledCopy(raws[index]!), ...said, from };
      // What a proposal waits for does not stand in line behind what somebody floods.
      if (isWanted) wanted.push(arrival);
      else this.#inbox.add(arrival);
    }
    this.#check(wanted);
    if (this.#inbox.size > 0) this.#cancelInbox ??= this.#timers.soon(() => this.#readInbox());
  }

  /** Checks bodies for a short time and comes back for the rest. */
  #readInbox(): void {
    const startedAtMs = this.#clock.monotonicMs();
    const arrivals = this.#inbox.takeOldest(this.#pace.count);
    this.#check(arrivals);
    this.#pace.took(arrivals.length, this.#clock.monotonicMs() - startedAtMs);
    this.#cancelInbox = this.#inbox.size > 0 ? this.#timers.soon(() => this.#readInbox()) : undefined;
    this.#onPooled();
  }

  #check(arrivals: readonly Arrival[]): void {
    const unchecked: (Unchecked & { readonly arrival: Arrival; readonly isPoolable: boolean })[] = [];
    const raws = arrivals.map(({ raw }) => raw);
    for (const [index, decoded] of decodeTransactions(this.#suite, raws, arrivals).entries()) {
      if (!decoded.ok) continue;
      const arrival = arrivals[index]!;
      const transaction = decoded.value;
      const pooled = this.#pool.get(transaction.id);
      if (pooled !== undefined) {
        this.#settle(pooled);
        continue;
      }
      const isPoolable = !this.#isReserved(transaction) && this.#pool.precheck(transaction) === undefined;
      if (!isPoolable && !this.#proposals.wants(transaction.id)) this.#fetch.settle(transaction.id);
      else {
        const { likelySender, likelyParity } = arrival;
        unchecked.push({ transaction, likelySender, likelyParity, arrival, isPoolable });
      }
    }
    if (unchecked.length === 0) return;
    const nowMs = this.#clock.monotonicMs();
    for (const [place, signed] of this.#senderKeys.verify(unchecked).entries()) {
      const { arrival, isPoolable } = unchecked[place]!;
      if (signed === undefined) {
        this.#conduct.onForgery(arrival.from, nowMs);
        continue;
      }
      if (isPoolable) this.#pool.admitPrechecked(signed, nowMs);
      this.#settle(signed);
    }
  }

  #settle(signed: SignedTransaction): void {
    this.#fetch.settle(signed.id);
    for (const effect of this.#proposals.onTransaction(signed)) this.#onComplete(effect);
  }

  #onAnnouncement(from: NodeId, hashes: readonly Uint8Array[]): void {
    const unknown = hashes
      .map((hash) => ({ hash, id: toHex(hash) }))
      .filter(({ id }) => this.#pool.get(id) === undefined && !this.#inbox.has(id))
      // Last, because it reads the store.
      .filter(({ hash }) => !this.#isStored(hash))
      .map(({ id }) => id);
    this.#fetch.announce(unknown, from, this.#clock.monotonicMs());
  }

  #onRequest(from: NodeId, hashes: readonly Uint8Array[]): void {
    let batch: SignedTransaction[] = [];
    let bytes = 0;
    let answered = 0;
    const flush = () => {
      if (batch.length > 0) this.#send([from], encodeBodies(batch));
      batch = [];
      bytes = 0;
    };
    for (const hash of hashes) {
      const body = this.#proposals.body(toHex(hash));
      if (body === undefined) continue;
      const { raw } = body;
      answered += raw.length;
      if (answered > ANSWER_BYTES_MAX_ALL) break;
      if (bytes + raw.length > ANSWER_BYTES_MAX) flush();
      batch.push(body);
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

  #sendOn(signed: SignedTransaction): void {
    this.#outbox.push(signed);
    this.#outboxBytes += signed.raw.length;
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
    if (transactions.length > 0) this.#send(this.#peers(), encodeBodies(transactions));
  }
}

function encodeBodies(signed: readonly SignedTransaction[]): Uint8Array {
  const transactions = signed.map(({ raw }) => raw);
  const senders = signed.map(({ sender }) => sender);
  return encodeTransactionMessage({
    kind: 'bodies',
    transactions,
    senders,
    parities: signed.map(({ parity }) => parity),
  });
}

function refused({ hash, blockLimit }: Transaction, reason: Refusal): Result<never, AdmissionProblem> {
  return { ok: false, reason: { kind: 'refused', refusal: reason, hash, blockLimit } };
}
