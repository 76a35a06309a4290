/**
 * The few rules that stand between this node's key and a fork, and the record that makes them hold across restarts.
 * Nothing is signed that this file has not allowed and recorded first (the split of Diem's `safety-rules`):
 *
 * 1. at most one digest for each (kind, epoch, height, view), ever;
 * 2. votes only in the epoch and view this replica works in, and none there once it has asked to leave it;
 * 3. views never fall within an epoch; each epoch begins in view 0, and epochs never fall;
 * 4. at most one executed header for each height, ever.
 *
 * Only the latest vote of each kind is kept for a height: by rule 3 an older view is never voted in again, and an older
 * epoch is void at that height for good (docs/consensus.md, "Epochs").
 */
import { equalBytes } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { failure, type Result, success } from '@menglian/base/result';
import { BinaryReader, BinaryWriter } from '@menglian/codec/binary';
import type { ConsensusRecord } from './ports.js';
import { readCounter } from './proposal.js';

/** What a replica signs about one digest at one height in one view. `propose` is the leader's. */
export type VoteKind = 'propose' | 'prepare' | 'commit';

/** Where a vote stands: one digest of each kind for each slot. */
export interface VoteSlot {
  readonly epoch: number;
  readonly height: number;
  readonly view: number;
}

export interface SignedVote {
  readonly view: number;
  readonly digest: Uint8Array;
}

/** Everything this node has signed for one height. */
export interface VoteRecord {
  readonly height: number;
  /** The epoch that the votes below are of. */
  readonly epoch: number;
  readonly propose: SignedVote | undefined;
  readonly prepare: SignedVote | undefined;
  readonly commit: SignedVote | undefined;
  /** The executed header, and the digest whose execution it is. */
  readonly result: { readonly digest: Uint8Array; readonly headerHash: Uint8Array } | undefined;
}

export interface ViewRecord {
  /** The epoch that the views below are of. */
  readonly epoch: number;
  /** The view worked in. */
  readonly view: number;
  /** The highest view asked for; equal to `view` when no change is under way. */
  readonly toView: number;
}

/** `repeat`: signed before with the same content, so it may be sent again without a new record. */
export type Verdict = 'new' | 'repeat' | 'refused';

const RECORD_VERSION = 3;
const VIEW_KEY = 'view';
const VOTES_PREFIX = 'votes.';

export class SafetyRules {
  #view: ViewRecord;
  readonly #votes: Map<number, VoteRecord>;

  private constructor(view: ViewRecord, votes: Map<number, VoteRecord>) {
    this.#view = view;
    this.#votes = votes;
  }

  /** Reads back what `record…` wrote; records with other keys are somebody else's. */
  static load(records: readonly { readonly key: string; readonly value: Uint8Array }[]): Result<SafetyRules> {
    let view = beginningOf(0);
    const votes = new Map<number, VoteRecord>();
    for (const { key, value } of records) {
      if (key === VIEW_KEY) {
        const decoded = decodeViewRecord(value);
        if (!decoded.ok) return failure(`safety record ${key}: ${decoded.reason}`);
        view = decoded.value;
      } else if (key.startsWith(VOTES_PREFIX)) {
        const decoded = decodeVoteRecord(value);
        if (!decoded.ok) return failure(`safety record ${key}: ${decoded.reason}`);
        if (key !== votesKey(decoded.value.height)) return failure(`safety record ${key}: is of another height`);
        votes.set(decoded.value.height, decoded.value);
      }
    }
    return success(new SafetyRules(view, votes));
  }

  get epoch(): number {
    return this.#view.epoch;
  }

  get view(): number {
    return this.#view.view;
  }

  get toView(): number {
    return this.#view.toView;
  }

  votes(height: number): VoteRecord | undefined {
    return this.#votes.get(height);
  }

  judge(kind: VoteKind, slot: VoteSlot, digest: Uint8Array): Verdict {
    const { epoch, height, view } = slot;
    if (epoch !== this.epoch || view !== this.view || this.toView !== view) return 'refused';
    const record = this.#votes.get(height);
    if (record !== undefined && record.epoch > epoch) return 'refused';
    const last = record?.epoch === epoch ? record[kind] : undefined;
    if (last === undefined || last.view < view) return 'new';
    return last.view === view && equalBytes(last.digest, digest) ? 'repeat' : 'refused';
  }

  /** Notes a vote about to be signed. @returns the record that must be durable before the vote leaves */
  record(kind: VoteKind, slot: VoteSlot, digest: Uint8Array): ConsensusRecord {
    const { epoch, height, view } = slot;
    invariant(this.judge(kind, slot, digest) !== 'refused', 'consensus/double-vote', `${kind} ${height} ${view}`);
    return this.#store({ ...this.#of(height, epoch), [kind]: { view, digest } });
  }

  judgeResult(height: number, headerHash: Uint8Array): Verdict {
    const last = this.#votes.get(height)?.result;
    if (last === undefined) return 'new';
    return equalBytes(last.headerHash, headerHash) ? 'repeat' : 'refused';
  }

  /** Notes that the executed header of a decided height is about to be signed. */
  recordResult(height: number, epoch: number, digest: Uint8Array, headerHash: Uint8Array): ConsensusRecord {
    invariant(this.judgeResult(height, headerHash) !== 'refused', 'consensus/double-result', `${height}`);
    return this.#store({ ...this.#of(height, epoch), result: { digest, headerHash } });
  }

  /**
   * The head has moved into this epoch, or was there at the start. What was asked for in the one before binds nobody any
   * more. Needs no record: the head itself is durable, and a record of an older epoch is void beside it.
   */
  beginEpoch(epoch: number): void {
    if (epoch > this.epoch) this.#view = beginningOf(epoch);
  }

  /** Asks to leave the present view: from here on nothing is signed in any view below `toView`. */
  wantView(toView: number): ConsensusRecord {
    invariant(toView > this.toView, 'consensus/view-falls', `${this.toView} to ${toView}`);
    return this.#storeView({ epoch: this.epoch, view: this.view, toView });
  }

  enterView(view: number): ConsensusRecord {
    invariant(view > this.view && view >= this.toView, 'consensus/view-falls', `${this.view} to ${view}`);
    return this.#storeView({ epoch: this.epoch, view, toView: view });
  }

  /** Drops what was signed up to a stored height. @returns deletions, which need no haste */
  forget(height: number): ConsensusRecord[] {
    const deletions: ConsensusRecord[] = [];
    for (const voted of this.#votes.keys()) {
      if (voted > height) continue;
      this.#votes.delete(voted);
      deletions.push({ key: votesKey(voted), value: undefined });
    }
    return deletions;
  }

  /** What was signed for a height in an epoch; a result binds whatever the epoch. */
  #of(height: number, epoch: number): VoteRecord {
    const known = this.#votes.get(height);
    if (known?.epoch === epoch) return known;
    return { height, epoch, propose: undefined, prepare: undefined, commit: undefined, result: known?.result };
  }

  #store(record: VoteRecord): ConsensusRecord {
    this.#votes.set(record.height, record);
    return { key: votesKey(record.height), value: encodeVoteRecord(record) };
  }

  #storeView(record: ViewRecord): ConsensusRecord {
    this.#view = record;
    return { key: VIEW_KEY, value: encodeViewRecord(record) };
  }
}

function beginningOf(epoch: number): ViewRecord {
  return { epoch, view: 0, toView: 0 };
}

function votesKey(height: number): string {
  return `${VOTES_PREFIX}${height}`;
}

function encodeViewRecord(record: ViewRecord): Uint8Array {
  return new BinaryWriter(32).u8(RECORD_VERSION).u64(record.epoch).u64(record.view).u64(record.toView).finish();
}

function decodeViewRecord(bytes: Uint8Array): Result<ViewRecord> {
  const reader = new BinaryReader(bytes);
  readVersion(reader);
  const record = { epoch: readCounter(reader), view: readCounter(reader), toView: readCounter(reader) };
  if (record.toView < record.view) reader.fail('BadValue');
  return reader.result(record);
}

function encodeVoteRecord(record: VoteRecord): Uint8Array {
  const writer = new BinaryWriter();
  writer.u8(RECORD_VERSION).u64(record.height).u64(record.epoch);
  for (const vote of [record.propose, record.prepare, record.commit]) {
    writer.bool(vote !== undefined);
    if (vote !== undefined) writer.u64(vote.view).bytes(vote.digest);
  }
  writer.bool(record.result !== undefined);
  if (record.result !== undefined) writer.bytes(record.result.digest).bytes(record.result.headerHash);
  return writer.finish();
}

/** Exported for checkers that read a node's disk: the simulator proves "recorded before sent" with it. */
export function decodeVoteRecord(bytes: Uint8Array): Result<VoteRecord> {
  const reader = new BinaryReader(bytes);
  readVersion(reader);
  const height = readCounter(reader);
  const epoch = readCounter(reader);
  const propose = readVote(reader);
  const prepare = readVote(reader);
  const commit = readVote(reader);
  const result = reader.bool() ? { digest: reader.bytes(32), headerHash: reader.bytes(32) } : undefined;
  return reader.result({ height, epoch, propose, prepare, commit, result });
}

function readVote(reader: BinaryReader): SignedVote | undefined {
  return reader.bool() ? { view: readCounter(reader), digest: reader.bytes(32) } : undefined;
}

function readVersion(reader: BinaryReader): void {
  if (reader.u8() !== RECORD_VERSION) reader.fail('BadValue');
}
