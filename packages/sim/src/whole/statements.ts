import { equalBytes, toHex } from '@menglian/base/bytes';
import { InvariantError } from '@menglian/base/invariant';
import { proposalDigest } from '@menglian/consensus-core/proposal';
import { decodeVoteRecord, type VoteKind, type VoteRecord } from '@menglian/consensus-core/safety';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { consensusKey } from '@menglian/ledger/keys';
import { decodeMessage as decodePbft } from '@menglian/pbft/messageCodec';
import { decodeMessage as decodeRaft } from '@menglian/raft/messageCodec';
import type { NodeId } from '@menglian/types/address';
import type { WholeNode } from './wholeNode.js';
import type { Engine } from './wholeOptions.js';

interface Statement {
  readonly slot: string;
  readonly content: string;
  /** Whether a node that starts from these records would know that it has said this. */
  readonly isIn?: (record: VoteRecord) => boolean;
  readonly height?: number;
}

/** Where a host keeps the votes of its engine. */
const VOTES_PREFIX = 'engine/votes.';

/**
 * S9: it is on disk before it leaves. S5: what a node has said once about a place in the order it says for ever, in all its lives. That holds only if what it
 * signed was durable before it left, which is the host's part of the bargain.
 */
export class Statements {
  readonly #suite: CryptoSuite;
  readonly #engine: Engine;
  readonly #group: { readonly chainId: bigint; readonly groupId: number };
  readonly #said = new Map<string, string>();

  constructor(suite: CryptoSuite, engine: Engine, group: { readonly chainId: bigint; readonly groupId: number }) {
    this.#suite = suite;
    this.#engine = engine;
    this.#group = group;
  }

  /** @throws InvariantError when this contradicts what the node said before */
  check(node: WholeNode, to: NodeId, payload: Uint8Array): void {
    const statements = this.#engine === 'raft' ? raftStatements(payload, to) : this.#pbft(payload);
    for (const { slot, content, height, isIn } of statements) {
      const key = `${node.index} ${slot}`;
      const first = this.#said.get(key) ?? content;
      this.#said.set(key, first);
      if (first !== content) throw new InvariantError('sim/S5', `node ${node.index} says two things: ${slot}`);
      // Records of a height go with the block that is stored there.
      if (isIn === undefined || height === undefined || node.height >= height) continue;
      const bytes = node.disk.durable(consensusKey(`${VOTES_PREFIX}${height}`));
      const record = bytes === undefined ? undefined : decodeVoteRecord(bytes);
      const isDurable = record?.ok === true && isIn(record.value);
      if (!isDurable) throw new InvariantError('sim/S9', `node ${node.index} says what it may forget: ${slot}`);
    }
  }

  #pbft(payload: Uint8Array): Statement[] {
    const decoded = decodePbft(payload);
    if (!decoded.ok) throw new InvariantError('sim/codec', decoded.reason);
    const message = decoded.value;
    switch (message.kind) {
      case 'prePrepare': {
        const { epoch, height } = message.proposal;
        const digest = proposalDigest(this.#suite, this.#group, message.proposal);
        const slot = `prePrepare ${epoch} ${height} ${message.view}`;
        return [{ slot, content: toHex(digest), height, isIn: voteOf('propose', message.view, digest) }];
      }
      case 'prepare':
      case 'commit': {
        const { epoch, height, view, digest } = message;
        const slot = `${message.kind} ${epoch} ${height} ${view}`;
        return [{ slot, content: toHex(digest), height, isIn: voteOf(message.kind, view, digest) }];
      }
      case 'checkpoint': {
        const { epoch, height, headerHash } = message;
        const isIn = ({ result }: VoteRecord) => result !== undefined && equalBytes(result.headerHash, headerHash);
        return [{ slot: `result ${epoch} ${height}`, content: toHex(headerHash), height, isIn }];
      }
      default:
        return [];
    }
  }
}

/** A later vote of the same kind speaks for the earlier ones: no other vote can follow in their views. */
function voteOf(kind: VoteKind, view: number, digest: Uint8Array): (record: VoteRecord) => boolean {
  return (record) => {
    const vote = record[kind];
    return vote !== undefined && (vote.view > view || (vote.view === view && equalBytes(vote.digest, digest)));
  };
}

function raftStatements(payload: Uint8Array, to: NodeId): Statement[] {
  const decoded = decodeRaft(payload);
  if (!decoded.ok) throw new InvariantError('sim/codec', String(decoded.reason));
  const message = decoded.value;
  switch (message.kind) {
    case 'voteResponse':
      return message.isGranted ? [{ slot: `vote ${message.term}`, content: to }] : [];
    case 'result':
      return [{ slot: `result ${message.height}`, content: toHex(message.headerHash) }];
    default:
      return [];
  }
}
