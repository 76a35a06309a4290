import type { Hash } from '../hex.js';

/** What an audit can find wrong. `expected` and `found` of a finding say what is compared. */
export type FindingCode =
  /** A header, a signature, a hash or a root does not hold; nothing behind it is believed. */
  | 'not-proven'
  /** Block 0 is of another chain than the one that is trusted. */
  | 'other-chain'
  /** An event of the contracts cannot be read, or breaks their own bounds. */
  | 'event-malformed'
  /** The hot chain has no such account. */
  | 'account-missing'
  /** The account is spread over this chain too, which was not audited. */
  | 'chain-missing'
  /** A chain that was named has no shadow of the account, and the hot chain did not ask for one. */
  | 'shadow-missing'
  /** A shadow was opened twice, for another hot chain, another owner, or without having been asked for. */
  | 'shadow-differs'
  /** A payment names another epoch than the one that is open. */
  | 'payment-epoch'
  /** A closed epoch is not the one after the one before. */
  | 'closed-order'
  /** A closed epoch's record says something else than its payments. */
  | 'closed-record'
  /** The hash of a closed epoch is not of its record, or its record not chained to the one before. */
  | 'closed-hash'
  /** A chain takes an epoch for booked that the hot chain did not book, or not so. */
  | 'confirmed-differs'
  /** More was paid out than the quota. */
  | 'quota-exceeded'
  /** The hot chain booked another epoch than the one after the one before. */
  | 'settled-order'
  /** The hot chain booked an epoch that its chain did not close. */
  | 'settled-unclosed'
  /** What the hot chain booked is not what was closed. */
  | 'settled-record'
  /** A grant is not the one after the one before, where it was sent or where it arrived. */
  | 'grant-order'
  /** A grant arrived that was not sent, or not so; `subject` is its number. */
  | 'grant-differs'
  /** The hot account gave away more than it had. */
  | 'balance-exceeded'
  /** What a node says of an account is not what the proven events add up to. */
  | 'state-differs'
  /** More epochs or grants than an audit keeps. */
  | 'too-many-epochs';

/** One thing that does not agree, and where. */
export interface Finding {
  readonly code: FindingCode;
  /** Name of the chain in this audit. */
  readonly chain: string;
  readonly blockNumber?: number;
  readonly transactionHash?: Hash;
  readonly epoch?: bigint;
  /** What is compared: `amountIn`, `recordHash`, `sealers`; or what cannot be proven, in a sentence. */
  readonly subject?: string;
  readonly expected?: string;
  readonly found?: string;
}
