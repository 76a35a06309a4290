import { toByteString, utf8Bytes } from '@menglian/base/bytes';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { type ClearingRecord, decodeClearingRecord, NO_RECORD_HASH } from '@menglian/interchain/clearingRecord';
import { type Address, type Hash, hexOf } from '../hex.js';
import type { Log } from '../logs/log.js';
import type { Finding, FindingCode } from './finding.js';
import type { Findings } from './findings.js';
import type { ShadowEvent } from './hotAccountEvents.js';

/** Epochs of one chain that an audit keeps in memory, and grants that wait for their sending: some hundred bytes each. */
const EPOCHS_MAX = 1_000_000;

/** Where something is on a chain. */
export type Place = Pick<Log, 'blockNumber' | 'transactionHash'>;

/** What moved. */
export interface Sums {
  readonly amountIn: bigint;
  readonly amountOut: bigint;
  /** In both directions. */
  readonly payments: bigint;
}

export const NO_SUMS: Sums = { amountIn: 0n, amountOut: 0n, payments: 0n };

export function addSums(a: Sums, b: Sums): Sums {
  return {
    amountIn: a.amountIn + b.amountIn,
    amountOut: a.amountOut + b.amountOut,
    payments: a.payments + b.payments,
  };
}

/** One epoch of a shadow account, as its payments make it. */
export interface ClosedEpoch extends Sums {
  readonly epoch: bigint;
  /** Blocks that opened and closed it. */
  readonly firstBlock: number;
  readonly lastBlock: number;
  readonly recordHash: Hash;
  readonly closedBy: Hash;
}

export interface Grant {
  readonly amount: bigint;
  readonly place: Place;
}

interface ShadowRecountOptions {
  readonly suite: CryptoSuite;
  readonly account: string;
  /** Name of the chain in findings. */
  readonly label: string;
  /** Of the chain, and of the one that should hold the account. */
  readonly identity: Hash;
  readonly hotChain: Hash;
  readonly findings: Findings;
}

/** Counts a shadow account anew from its payments and compares what its chain closed. Events come in the order of the chain. */
export class ShadowRecount {
  readonly label: string;
  /** By their numbers, in the order in which they were closed. */
  readonly epochs = new Map<bigint, ClosedEpoch>();
  /** Grants that arrived and whose sending was not seen yet, by their numbers. */
  readonly grants = new Map<bigint, Grant>();
  /** Who may pay out, and where it was said. undefined: there is no shadow account. */
  opened: { readonly owner: Address; readonly place: Place } | undefined;
  /** The epoch that is open, and what moved in it. */
  openEpoch = 1n;
  open = NO_SUMS;
  /** What is left to be paid out. */
  quota = 0n;
  /** Up to here the chain knows that the hot chain booked. */
  confirmedEpoch = 0n;
  readonly #options: ShadowRecountOptions;
  #lastGrant = 0n;
  #firstBlock = 0;
  #previousHash = hexOf(NO_RECORD_HASH);
  #isFull = false;

  constructor(options: ShadowRecountOptions) {
    this.#options = options;
    this.label = options.label;
  }

  take(event: ShadowEvent, place: Place): void {
    switch (event.kind) {
      case 'opened':
        return this.#open(event, place);
      case 'granted':
        return this.#grant(event, place);
      case 'paid':
      case 'paidOut':
        return this.#pay(event, place);
      case 'closed':
        return this.#close(event, place);
      case 'confirmed':
        return this.#confirm(event, place);
    }
  }

  #open({ hotChain, owner }: ShadowEvent & { kind: 'opened' }, place: Place): void {
    this.#requireHotChain(hotChain, place);
    if (this.opened !== undefined) this.#find('shadow-differs', place, { subject: 'opened' });
    this.opened = { owner, place };
    this.#firstBlock = place.blockNumber;
  }

  #grant({ hotChain, number, amount }: ShadowEvent & { kind: 'granted' }, place: Place): void {
    this.#requireHotChain(hotChain, place);
    const next = this.#lastGrant + 1n;
    if (number !== next) this.#differs('grant-order', place, 'number', [next, number]);
    this.#lastGrant = number;
    this.quota += amount;
    if (!this.grants.has(number) && this.#hasRoom(this.grants.size, place)) this.grants.set(number, { amount, place });
  }

  #pay({ kind, epoch, amount }: ShadowEvent & { kind: 'paid' | 'paidOut' }, place: Place): void {
    if (epoch !== this.openEpoch) this.#differs('payment-epoch', place, 'epoch', [this.openEpoch, epoch], epoch);
    const isIn = kind === 'paid';
    const [amountIn, amountOut] = isIn ? [amount, 0n] : [0n, amount];
    this.open = addSums(this.open, { amountIn, amountOut, payments: 1n });
    if (isIn) return;
    if (amount > this.quota) this.#differs('quota-exceeded', place, 'quota', [this.quota, amount]);
    this.quota -= amount;
  }

  #close({ epoch, recordHash, record: bytes }: ShadowEvent & { kind: 'closed' }, place: Place): void {
    if (epoch !== this.openEpoch) this.#differs('closed-order', place, 'epoch', [this.openEpoch, epoch], epoch);
    const record = decodeClearingRecord(bytes);
    if (record.ok) this.#compare(record.value, epoch, place);
    else this.#find('event-malformed', place, { epoch, subject: 'record' });
    const ownHash = hexOf(this.#options.suite.hash(bytes));
    if (ownHash !== recordHash) this.#differs('closed-hash', place, 'recordHash', [ownHash, recordHash], epoch);
    if (!this.epochs.has(epoch) && this.#hasRoom(this.epochs.size, place)) {
      const { blockNumber: lastBlock, transactionHash: closedBy } = place;
      this.epochs.set(epoch, { ...this.open, epoch, firstBlock: this.#firstBlock, lastBlock, recordHash, closedBy });
    }
    this.open = NO_SUMS;
    this.openEpoch = epoch + 1n;
    this.#firstBlock = place.blockNumber;
    this.#previousHash = recordHash;
  }

  /** What the record says, and what the payments come to. */
  #compare(record: ClearingRecord, epoch: bigint, place: Place): void {
    const { account, identity } = this.#options;
    const facts: readonly (readonly [string, unknown, unknown])[] = [
      ['account', toByteString(utf8Bytes(account)), record.account],
      ['chain', identity, hexOf(record.chain)],
      ['epoch', epoch, record.epoch],
      ['amountIn', this.open.amountIn, record.amountIn],
      ['amountOut', this.open.amountOut, record.amountOut],
      ['payments', this.open.payments, record.payments],
      ['firstBlock', BigInt(this.#firstBlock), record.firstBlock],
      ['lastBlock', BigInt(place.blockNumber), record.lastBlock],
    ];
    for (const [subject, expected, found] of facts) {
      if (expected !== found) this.#differs('closed-record', place, subject, [expected, found], epoch);
    }
    const previous = hexOf(record.previousHash);
    if (previous !== this.#previousHash)
      this.#differs('closed-hash', place, 'previousHash', [this.#previousHash, previous], epoch);
  }

  #confirm({ epoch, recordHash }: ShadowEvent & { kind: 'confirmed' }, place: Place): void {
    const next = this.confirmedEpoch + 1n;
    if (epoch !== next) this.#differs('confirmed-differs', place, 'epoch', [next, epoch], epoch);
    const closed = this.epochs.get(epoch)?.recordHash;
    if (closed !== recordHash) this.#differs('confirmed-differs', place, 'recordHash', [closed, recordHash], epoch);
    this.confirmedEpoch = epoch;
  }

  #requireHotChain(hotChain: Hash, place: Place): void {
    const expected = this.#options.hotChain;
    if (hotChain !== expected) this.#differs('shadow-differs', place, 'hotChain', [expected, hotChain]);
  }

  #hasRoom(count: number, place: Place): boolean {
    if (count < EPOCHS_MAX) return true;
    if (!this.#isFull) this.#find('too-many-epochs', place, { expected: String(EPOCHS_MAX) });
    this.#isFull = true;
    return false;
  }

  #differs(
    code: FindingCode,
    place: Place,
    subject: string,
    [expected, found]: readonly [unknown, unknown],
    epoch?: bigint,
  ): void {
    const compared = { subject, expected: String(expected), found: String(found) };
    this.#find(code, place, epoch === undefined ? compared : { ...compared, epoch });
  }

  #find(code: FindingCode, { blockNumber, transactionHash }: Place, more: Partial<Finding>): void {
    this.#options.findings.add({ code, chain: this.label, blockNumber, transactionHash, ...more });
  }
}
