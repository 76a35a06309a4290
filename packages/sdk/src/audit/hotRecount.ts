import type { Address, Hash } from '../hex.js';
import type { Finding, FindingCode } from './finding.js';
import type { Findings } from './findings.js';
import type { HotEvent } from './hotAccountEvents.js';
import { addSums, NO_SUMS, type Place, type ShadowRecount, type Sums } from './shadowRecount.js';

/** What the hot chain holds of one chain of users. */
export interface BookedShadow {
  readonly settled: Sums;
  /** The last epoch that was booked. */
  readonly lastEpoch: bigint;
  /** Where each epoch was booked first. */
  readonly settledBy: ReadonlyMap<bigint, Place>;
  /** Sent to the shadow account to be paid out, and how much of it has not arrived. */
  readonly granted: bigint;
  readonly inFlight: bigint;
}

interface Booked extends BookedShadow {
  settled: Sums;
  lastEpoch: bigint;
  readonly settledBy: Map<bigint, Place>;
  granted: bigint;
  inFlight: bigint;
  lastGrant: bigint;
  isAttached: boolean;
  /** The last epoch that was booked in any block that was read. */
  lastEpochSeen: bigint;
}

interface HotRecountOptions {
  /** Name of the chain in findings. */
  readonly label: string;
  /** By the identity of each chain of users; all of them were read before. */
  readonly shadows: ReadonlyMap<Hash, ShadowRecount>;
  readonly findings: Findings;
}

/** Counts a hot account anew from what its chain booked, and compares that with what the chains of users closed. */
export class HotRecount {
  owner: Address | undefined;
  balance = 0n;
  withdrawn = 0n;
  readonly #booked = new Map<Hash, Booked>();
  readonly #options: HotRecountOptions;

  constructor(options: HotRecountOptions) {
    this.#options = options;
  }

  /** By the identity of the chain. */
  get booked(): ReadonlyMap<Hash, BookedShadow> {
    return this.#booked;
  }

  /** An event of a block up to which epochs are compared. */
  take(event: HotEvent, place: Place): void {
    switch (event.kind) {
      case 'created':
        this.owner = event.owner;
        return;
      case 'attached':
        this.#bookedOf(event.chain).isAttached = true;
        if (!this.#options.shadows.has(event.chain)) this.#find('chain-missing', place, { found: event.chain });
        return;
      case 'granted':
        return this.#grant(event, place);
      case 'settled':
        return this.#settle(event, place);
      case 'withdrawn':
        this.withdrawn += event.amount;
        return this.#spend(event.amount, place);
    }
  }

  /**
   * An event of a later block: it may tell of epochs that were closed after the chains of users were read, and is only
   * compared with what those chains already know.
   */
  takeLater(event: HotEvent, place: Place): void {
    if (event.kind === 'attached') this.#bookedOf(event.chain).isAttached = true;
    if (event.kind === 'granted') this.#match(event);
    if (event.kind !== 'settled') return;
    this.#requireNext(event, place);
    if (this.#options.shadows.get(event.chain)?.epochs.has(event.epoch) === true) this.#compare(event, place);
    this.#bookedOf(event.chain).lastEpochSeen = event.epoch;
  }

  /** When all blocks were read: what the chains of users know and the hot chain does not. */
  finish(): void {
    const { shadows, findings } = this.#options;
    for (const [chain, { label, grants, opened, confirmedEpoch }] of shadows) {
      const { isAttached, lastEpochSeen } = this.#bookedOf(chain);
      for (const [number, { amount, place }] of grants) {
        const compared = { subject: String(number), expected: '0', found: String(amount) };
        findings.add({ code: 'grant-differs', chain: label, ...place, ...compared });
      }
      if (confirmedEpoch > lastEpochSeen) {
        const compared = { subject: 'epoch', expected: String(lastEpochSeen), found: String(confirmedEpoch) };
        findings.add({ code: 'confirmed-differs', chain: label, epoch: confirmedEpoch, ...compared });
      }
      if (opened === undefined) {
        if (!isAttached) findings.add({ code: 'shadow-missing', chain: label });
      } else {
        if (!isAttached) findings.add({ code: 'shadow-differs', chain: label, ...opened.place, subject: 'attached' });
        const compared = { subject: 'owner', expected: this.owner ?? 'none', found: opened.owner };
        if (opened.owner !== this.owner)
          findings.add({ code: 'shadow-differs', chain: label, ...opened.place, ...compared });
      }
    }
    if (this.owner === undefined) findings.add({ code: 'account-missing', chain: this.#options.label });
  }

  #grant(event: HotEvent & { kind: 'granted' }, place: Place): void {
    const booked = this.#bookedOf(event.chain);
    const next = booked.lastGrant + 1n;
    if (event.number !== next) {
      const compared = { subject: 'number', expected: String(next), found: String(event.number) };
      this.#find('grant-order', place, compared);
    }
    booked.lastGrant = event.number;
    booked.granted += event.amount;
    if (!this.#match(event)) booked.inFlight += event.amount;
    this.#spend(event.amount, place);
  }

  /** @returns whether it has arrived */
  #match({ chain, number, amount }: HotEvent & { kind: 'granted' }): boolean {
    const shadow = this.#options.shadows.get(chain);
    const grant = shadow?.grants.get(number);
    if (shadow === undefined || grant === undefined) return false;
    shadow.grants.delete(number);
    if (grant.amount !== amount) {
      const compared = { subject: String(number), expected: String(amount), found: String(grant.amount) };
      this.#options.findings.add({ code: 'grant-differs', chain: shadow.label, ...grant.place, ...compared });
    }
    return true;
  }

  #settle(event: HotEvent & { kind: 'settled' }, place: Place): void {
    const { chain, epoch } = event;
    const booked = this.#bookedOf(chain);
    this.#requireNext(event, place);
    this.#compare(event, place);
    booked.lastEpoch = epoch;
    booked.lastEpochSeen = epoch;
    if (!booked.settledBy.has(epoch)) booked.settledBy.set(epoch, place);
    booked.settled = addSums(booked.settled, event);
    this.balance += event.amountIn;
  }

  #requireNext({ chain, epoch }: HotEvent & { kind: 'settled' }, place: Place): void {
    const next = this.#bookedOf(chain).lastEpochSeen + 1n;
    if (epoch === next) return;
    const compared = { subject: this.#nameOf(chain), expected: String(next), found: String(epoch) };
    this.#find('settled-order', place, { epoch, ...compared });
  }

  /** What was booked, and what the payments of the epoch come to. */
  #compare(event: HotEvent & { kind: 'settled' }, place: Place): void {
    const { chain, epoch } = event;
    const closed = this.#options.shadows.get(chain)?.epochs.get(epoch);
    if (closed === undefined) return this.#find('settled-unclosed', place, { epoch, subject: this.#nameOf(chain) });
    for (const subject of ['amountIn', 'amountOut', 'payments', 'recordHash'] as const) {
      const [expected, found] = [String(closed[subject]), String(event[subject])];
      if (expected !== found) this.#find('settled-record', place, { epoch, subject, expected, found });
    }
  }

  #spend(amount: bigint, place: Place): void {
    if (amount > this.balance) {
      const compared = { subject: 'balance', expected: String(this.balance), found: String(amount) };
      this.#find('balance-exceeded', place, compared);
    }
    this.balance -= amount;
  }

  #nameOf(chain: Hash): string {
    return this.#options.shadows.get(chain)?.label ?? chain;
  }

  #bookedOf(chain: Hash): Booked {
    const known = this.#booked.get(chain);
    if (known !== undefined) return known;
    const fresh: Booked = {
      settled: NO_SUMS,
      lastEpoch: 0n,
      lastEpochSeen: 0n,
      settledBy: new Map(),
      granted: 0n,
      inFlight: 0n,
      lastGrant: 0n,
      isAttached: false,
    };
    this.#booked.set(chain, fresh);
    return fresh;
  }

  #find(code: FindingCode, { blockNumber, transactionHash }: Place, more: Partial<Finding>): void {
    this.#options.findings.add({ code, chain: this.#options.label, blockNumber, transactionHash, ...more });
  }
}
