import { toHex } from '@menglian/base/bytes';
import { InvariantError } from '@menglian/base/invariant';
import { proposalDigest } from '@menglian/consensus-core/proposal';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { decodeMessage as decodePbft } from '@menglian/pbft/messageCodec';
import { decodeMessage as decodeRaft } from '@menglian/raft/messageCodec';
import type { NodeId } from '@menglian/types/address';
import type { Engine } from './wholeOptions.js';

interface Statement {
  readonly slot: string;
  readonly content: string;
}

/**
 * S5: what a node has said once about a place in the order it says for ever, in all its lives. That holds only if what it
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
  check(node: number, to: NodeId, payload: Uint8Array): void {
    for (const { slot, content } of this.#engine === 'raft' ? raftStatements(payload, to) : this.#pbft(payload)) {
      const key = `${node} ${slot}`;
      const first = this.#said.get(key) ?? content;
      this.#said.set(key, first);
      if (first !== content) throw new InvariantError('sim/S5', `node ${node} says two things: ${slot}`);
    }
  }

  #pbft(payload: Uint8Array): Statement[] {
    const decoded = decodePbft(payload);
    if (!decoded.ok) throw new InvariantError('sim/codec', decoded.reason);
    const message = decoded.value;
    switch (message.kind) {
      case 'prePrepare': {
        const { epoch, height } = message.proposal;
        const content = toHex(proposalDigest(this.#suite, this.#group, message.proposal));
        return [{ slot: `prePrepare ${epoch} ${height} ${message.view}`, content }];
      }
      case 'prepare':
      case 'commit': {
        const { epoch, height, view, digest } = message;
        return [{ slot: `${message.kind} ${epoch} ${height} ${view}`, content: toHex(digest) }];
      }
      case 'checkpoint':
        return [{ slot: `result ${message.epoch} ${message.height}`, content: toHex(message.headerHash) }];
      default:
        return [];
    }
  }
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
