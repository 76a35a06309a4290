/** The trivial chain under an engine that is being tested: execution is a hash, and some transactions change the members. */
import { concatBytes, equalBytes, toHex, utf8Bytes } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import type { ChainHead, ChainReader, ConsensusCrypto, Proposal } from '@menglian/consensus-core/ports';
import { proposalDigest } from '@menglian/consensus-core/proposal';
import { keccak256 } from '@menglian/crypto/hashes';
import type { NodeId } from '@menglian/types/address';
import type { BlockSignature } from '@menglian/types/block';

export const ENGINE_GROUP = { chainId: 1n, groupId: 1 };
const GENESIS_HASH = keccak256(utf8Bytes('genesis'));
const GENESIS_TIME_MS = 1000;
const SIGNATURE_BYTES = 65;

/** Node ids ascend with the index, so that sealers sort by it. */
export function engineNodeId(index: number): NodeId {
  return (index + 1).toString(16).padStart(4, '0').repeat(32);
}

/** Deterministic keys: a signature is a hash of the signer's name and the digest. Good against accidents only. */
export function engineCrypto(nodeId: NodeId): ConsensusCrypto {
  const sign = (signer: NodeId, digest: Uint8Array): Uint8Array => {
    const signature = new Uint8Array(SIGNATURE_BYTES);
    signature.set(keccak256(concatBytes(utf8Bytes(signer), digest)));
    return signature;
  };
  return {
    hash: keccak256,
    sign: (digest) => sign(nodeId, digest),
    verify: (signer, digest, signature) => equalBytes(signature, sign(signer, digest)),
  };
}

export interface Members {
  readonly sealers: readonly NodeId[];
  readonly observers: readonly NodeId[];
  /** After each so many blocks other members become the sealers, as in rPBFT; 0 for never. */
  readonly rotateEvery: number;
}

/** What a transaction does when it is executed, in its first two bytes. */
type Action = 'nothing' | 'addSealer' | 'addObserver' | 'remove';
const ACTIONS: readonly Action[] = ['nothing', 'addSealer', 'addObserver', 'remove'];

/** The hash of a transaction, which is all there is of one. */
export function engineTransaction(number: number, action: Action = 'nothing', target = 0): Uint8Array {
  const hash = keccak256(utf8Bytes(`transaction ${number}`));
  hash[0] = ACTIONS.indexOf(action);
  hash[1] = target;
  return hash;
}

function applied(members: Members, transactionHash: Uint8Array): Members {
  const action = ACTIONS[transactionHash[0]!] ?? 'nothing';
  if (action === 'nothing') return members;
  const target = engineNodeId(transactionHash[1]!);
  const sealers = members.sealers.filter((nodeId) => nodeId !== target);
  const observers = members.observers.filter((nodeId) => nodeId !== target);
  if (action === 'addSealer') sealers.push(target);
  if (action === 'addObserver') observers.push(target);
  // The last sealer stays.
  return sealers.length === 0 ? members : { ...members, sealers: sealers.toSorted(), observers };
}

/** As many sealers as before, the next ones of all members in a circle. */
function rotated(members: Members, height: number): Members {
  if (members.rotateEvery === 0 || height % members.rotateEvery !== 0) return members;
  const all = [...members.sealers, ...members.observers].toSorted();
  const first = height / members.rotateEvery;
  const circle = all.map((_, index) => all[(first + index) % all.length]!);
  const count = members.sealers.length;
  return { ...members, sealers: circle.slice(0, count).toSorted(), observers: circle.slice(count) };
}

/** What a block leaves behind. */
export interface EngineState extends Members {
  readonly height: number;
  readonly digest: Uint8Array;
  readonly hash: Uint8Array;
  readonly timestampMs: number;
  readonly epoch: number;
}

export interface EngineBlock {
  readonly proposal: Proposal;
  readonly state: EngineState;
  readonly signatures: readonly BlockSignature[];
}

export function digestOf(proposal: Proposal): Uint8Array {
  return proposalDigest({ hash: keccak256 }, ENGINE_GROUP, proposal);
}

/** The header hash follows from the parent and the order, as a real one does. */
export function executeProposal(parent: EngineState, proposal: Proposal): EngineState {
  invariant(equalBytes(parent.digest, proposal.parentDigest), 'compliance/parent');
  const digest = digestOf(proposal);
  let members: Members = parent;
  for (const hash of proposal.transactionHashes) members = applied(members, hash);
  members = rotated(members, proposal.height);
  const endsEpoch = members.sealers.join() !== parent.sealers.join();
  return {
    ...members,
    height: proposal.height,
    digest,
    hash: keccak256(concatBytes(utf8Bytes('header'), parent.hash, digest)),
    timestampMs: proposal.timestampMs,
    epoch: endsEpoch ? proposal.height : parent.epoch,
  };
}

/** The stored chain of one node. It outlives its processes. */
export class EngineChain implements ChainReader {
  readonly #states: EngineState[];
  readonly #blocks: EngineBlock[] = [];
  readonly #included = new Set<string>();
  readonly #maxTransactions: number;

  constructor(members: Members, maxTransactions: number) {
    this.#maxTransactions = maxTransactions;
    this.#states = [
      { height: 0, digest: GENESIS_HASH, hash: GENESIS_HASH, timestampMs: GENESIS_TIME_MS, epoch: 0, ...members },
    ];
  }

  get state(): EngineState {
    return this.#states.at(-1)!;
  }

  get height(): number {
    return this.#blocks.length;
  }

  block(height: number): EngineBlock | undefined {
    return this.#blocks[height - 1];
  }

  includes(transactionHash: Uint8Array): boolean {
    return this.#included.has(toHex(transactionHash));
  }

  append(block: EngineBlock): void {
    invariant(block.proposal.height === this.height + 1, 'compliance/append');
    this.#blocks.push(block);
    this.#states.push(block.state);
    for (const hash of block.proposal.transactionHashes) this.#included.add(toHex(hash));
  }

  head(): ChainHead {
    const { height, hash, timestampMs, digest, epoch, sealers, observers } = this.state;
    const settings = { maxTransactions: this.#maxTransactions, consensusTimeoutMs: 3000 };
    return { height, hash, timestampMs, order: { digest, epoch }, sealers, observers, settings };
  }

  hashAt(height: number): Uint8Array | undefined {
    return this.#states[height]?.hash;
  }

  orderAt(height: number): { digest: Uint8Array; epoch: number } | undefined {
    const state = this.#states[height];
    return state === undefined ? undefined : { digest: state.digest, epoch: state.epoch };
  }
}
