/**
 * The trivial chain that simulated replicas store. A transaction is its hash. Executing one does nothing, unless its first
 * byte marks it as one that changes the members or a setting: so what holds for the next height follows from the blocks
 * alone, as on a real chain.
 */
import { equalBytes, toHex, utf8Bytes } from '@menglian/base/bytes';
import { BinaryWriter } from '@menglian/codec/binary';
import type { Proposal } from '@menglian/consensus-core/ports';
import { proposalDigest } from '@menglian/consensus-core/proposal';
import type { QuorumRule } from '@menglian/consensus-core/quorum';
import type { NodeId } from '@menglian/types/address';
import type { BlockSignature } from '@menglian/types/block';
import { type ClusterKeys, fakeHash, keyOf } from './fakeCrypto.js';

export interface SimulatedBlock {
  readonly height: number;
  readonly hash: Uint8Array;
  readonly proposal: Proposal;
  readonly signatures: readonly BlockSignature[];
}

/** What a genesis file would say, and does not change. */
export interface ChainRules {
  readonly nodeIds: readonly NodeId[];
  readonly genesisMembers: readonly NodeId[];
  /** A removal that would leave fewer members has no effect: the run's faulty replicas must stay a legal share. */
  readonly minimumMembers: number;
  /** rPBFT: how many of the members vote at a time; undefined when all do. */
  readonly workingSealers: number | undefined;
  /** rPBFT: who votes changes with every block whose height is a multiple of this. */
  readonly rotateEveryHeights: number;
  readonly maxTransactions: number;
  readonly quorum: QuorumRule;
  /** The hash function of the group's suite. */
  readonly hash: (data: Uint8Array) => Uint8Array;
}

/** What a chain of blocks leaves behind. */
export interface ChainState {
  readonly height: number;
  readonly hash: Uint8Array;
  readonly digest: Uint8Array;
  readonly timestampMs: number;
  /** Of the next height. */
  readonly epoch: number;
  readonly members: readonly NodeId[];
  /** Those of the members that vote on the next height, sorted. */
  readonly sealers: readonly NodeId[];
  readonly maxTransactions: number;
}

export const SIMULATED_GROUP = { chainId: 1n, groupId: 1 };

export const GENESIS_HASH = fakeHash(utf8Bytes('genesis'));

const INVALID_MARK = 0xff;
const ADD_MARK = 0xf1;
const REMOVE_MARK = 0xf2;
const LIMIT_MARK = 0xf3;
const LARGEST_LIMIT = 100;

function markedHash(number: number, mark: number, argument: number): Uint8Array {
  const hash = transactionHash(number);
  hash[0] = mark;
  hash[1] = argument;
  return hash;
}

export function transactionHash(number: number): Uint8Array {
  const hash = fakeHash(new BinaryWriter(16).u32(number).finish());
  hash[0] = hash[0]! & 0x7f;
  return hash;
}

/** Honest replicas refuse blocks that hold one. */
export function invalidTransactionHash(number: number): Uint8Array {
  return markedHash(number, INVALID_MARK, 0);
}

export function addMember(number: number, index: number): Uint8Array {
  return markedHash(number, ADD_MARK, index);
}

export function removeMember(number: number, index: number): Uint8Array {
  return markedHash(number, REMOVE_MARK, index);
}

export function setMaxTransactions(number: number, maximum: number): Uint8Array {
  return markedHash(number, LIMIT_MARK, maximum);
}

export function isInvalidTransaction(hash: Uint8Array): boolean {
  return hash[0] === INVALID_MARK;
}

export function genesisState(rules: ChainRules): ChainState {
  return {
    height: 0,
    hash: GENESIS_HASH,
    digest: GENESIS_HASH,
    timestampMs: 0,
    epoch: 0,
    members: rules.genesisMembers,
    sealers: workingSet(rules, rules.genesisMembers, 0),
    maxTransactions: rules.maxTransactions,
  };
}

/** Execution: a function of the state before and of the proposal alone. */
export function execute(rules: ChainRules, parent: ChainState, proposal: Proposal, digest: Uint8Array): ChainState {
  const { height } = proposal;
  let members = parent.members;
  let { maxTransactions } = parent;
  for (const transaction of proposal.transactionHashes) {
    const [mark, argument] = transaction as unknown as readonly [number, number];
    const nodeId = rules.nodeIds[argument];
    if (mark === LIMIT_MARK) maxTransactions = Math.min(LARGEST_LIMIT, Math.max(1, argument));
    else if (mark === ADD_MARK && nodeId !== undefined && !members.includes(nodeId)) {
      members = [...members, nodeId].sort();
    } else if (mark === REMOVE_MARK && nodeId !== undefined && members.length > rules.minimumMembers) {
      members = members.filter((member) => member !== nodeId);
    }
  }
  const turn = Math.floor(height / rules.rotateEveryHeights);
  const sealers = workingSet(rules, members, turn);
  const isSame =
    sealers.length === parent.sealers.length &&
    sealers.every((sealer, i) => sealer === parent.sealers[i]) &&
    maxTransactions === parent.maxTransactions;
  const writer = new BinaryWriter(128).bytes(parent.hash).bytes(digest).u32(maxTransactions).u32(members.length);
  return {
    height,
    hash: fakeHash(writer.finish()),
    digest,
    timestampMs: proposal.timestampMs,
    epoch: isSame ? parent.epoch : height,
    members,
    sealers,
    maxTransactions,
  };
}

function workingSet(rules: ChainRules, members: readonly NodeId[], turn: number): readonly NodeId[] {
  const { workingSealers } = rules;
  if (workingSealers === undefined || workingSealers >= members.length) return members;
  return Array.from({ length: workingSealers }, (_, i) => members[(turn + i) % members.length]!).sort();
}

const digests = new WeakMap<Proposal, Uint8Array>();

/** Digest of a proposal; remembered for the object, which nobody changes. */
export function digestOf(proposal: Proposal, hash: ChainRules['hash'] = fakeHash): Uint8Array {
  let digest = digests.get(proposal);
  if (digest === undefined) {
    digest = proposalDigest({ hash }, SIMULATED_GROUP, proposal);
    digests.set(proposal, digest);
  }
  return digest;
}

/** What is wrong with a block as the successor of `parent`, checked with nothing of the engine's. */
export function blockFault(
  keys: ClusterKeys,
  rules: ChainRules,
  parent: ChainState,
  block: SimulatedBlock,
): string | undefined {
  const { proposal } = block;
  if (block.height !== parent.height + 1 || proposal.height !== block.height) return 'height';
  if (!equalBytes(proposal.parentDigest, parent.digest)) return 'parent';
  if (proposal.epoch !== parent.epoch) return 'epoch';
  if (proposal.transactionHashes.length === 0) return 'empty';
  const { sealers } = parent;
  if (proposal.sealers.length !== sealers.length || sealers.some((id, i) => id !== proposal.sealers[i])) {
    return 'sealers';
  }
  if (!equalBytes(execute(rules, parent, proposal, digestOf(proposal, rules.hash)).hash, block.hash)) return 'result';
  return isSigned(keys, rules.quorum, block, sealers) ? undefined : 'certificate';
}

/** Whether enough distinct sealers signed the hash: its own counting, its own quorum. */
export function isSigned(
  keys: ClusterKeys,
  rule: QuorumRule,
  { hash, signatures }: Pick<SimulatedBlock, 'hash' | 'signatures'>,
  sealers: readonly NodeId[],
): boolean {
  let previous = -1;
  for (const { index, signature } of signatures) {
    const sealer = sealers[index];
    if (index <= previous || sealer === undefined || !keys.verify(sealer, hash, signature)) return false;
    previous = index;
  }
  const count = signatures.length;
  return rule === 'byzantine' ? 3 * count > 2 * sealers.length : 2 * count > sealers.length;
}

/** Transactions that occur twice in a list. */
export function hasRepetition(hashes: readonly Uint8Array[]): boolean {
  return new Set(hashes.map(keyOf)).size !== hashes.length;
}

export function describeHash(hash: Uint8Array | undefined): string {
  return hash === undefined ? '-' : toHex(hash.subarray(0, 3));
}
