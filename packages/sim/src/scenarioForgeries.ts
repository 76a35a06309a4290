/**
 *     repeat <kind> <replica> <times>      its last message of that kind arrives everywhere again
 *     reframe <kind> <kind> <replica>      … with the same signature and another kind
 *     relay <kind> <replica> <by>          … from somebody else
 *     damage <kind> <replica>              … once for each byte, with a bit of that byte flipped
 *     propose <replica> <what>             a proposal of its own for the height above its head: replayed, twice, future,
 *                                          otherParent, otherEpoch, genuine
 *     offer <from> <to> <what>             a block as block sync brings it: genuine, repeated, fewer, empty, prepares
 */
import { invariant } from '@menglian/base/invariant';
import { decodeMessage, encodeMessage } from '@menglian/pbft/messageCodec';
import type { Message, MessageKind, Vote } from '@menglian/pbft/messages';
import type { Proposal } from '@menglian/consensus-core/ports';
import { digestOf, execute, GENESIS_HASH, type SimulatedBlock } from './chain.js';
import { HostileSigner } from './hostile/signer.js';
import type { Stage } from './scenarioCommands.js';
import type { World } from './world.js';

/** What everybody has sent so far. */
export class SentMessages {
  readonly #all: { readonly from: number; readonly message: Message }[] = [];

  constructor(world: World) {
    world.afterEffect = (node, effect) => {
      if (effect.kind !== 'send') return;
      const decoded = decodeMessage(effect.payload);
      if (decoded.ok) this.#all.push({ from: node.index, message: decoded.value });
    };
  }

  lastOf(from: number, kind: string): Message {
    const found = this.#all.findLast((sent) => sent.from === from && sent.message.kind === kind);
    invariant(found !== undefined, 'sim/nothing-sent', `${kind} by ${from}`);
    return found.message;
  }

  /** The prepares for a proposal, one of each signer. */
  preparesFor(digest: Uint8Array): Vote[] {
    const votes = new Map<number, Vote>();
    for (const { message } of this.#all) {
      if (message.kind === 'prepare' && message.digest.every((byte, i) => byte === digest[i])) {
        votes.set(message.signer, message);
      }
    }
    return [...votes.values()].sort((a, b) => a.signer - b.signer);
  }

  lastProposal(): Proposal {
    const found = this.#all.findLast(({ message }) => message.kind === 'prePrepare')?.message;
    invariant(found?.kind === 'prePrepare', 'sim/nothing-proposed');
    return found.proposal;
  }
}

/** @returns false for another command */
export function forgeCommand(stage: Stage, name: string, words: readonly string[]): boolean {
  const { world, sent } = stage;
  const [kind = '', other = ''] = words;
  switch (name) {
    case 'repeat': {
      const payload = encodeMessage(sent.lastOf(Number(words[1]), kind));
      for (let i = 0; i < Number(words[2]); i++) toAll(world, Number(words[1]), payload);
      return true;
    }
    case 'reframe': {
      const message = { ...sent.lastOf(Number(words[2]), kind), kind: other as MessageKind } as Message;
      toAll(world, Number(words[2]), encodeMessage(message));
      return true;
    }
    case 'relay':
      toAll(world, Number(words[2]), encodeMessage(sent.lastOf(Number(words[1]), kind)));
      return true;
    case 'damage':
      damageEveryByte(world, Number(words[1]), encodeMessage(sent.lastOf(Number(words[1]), kind)));
      return true;
    case 'propose':
      propose(world, Number(words[0]), other);
      return true;
    case 'offer': {
      const [from = 0, to = 0] = words.map(Number);
      const block = blockToOffer(stage, from, to, words[2] ?? '');
      world.network.send(from, to, { kind: 'blocks', blocks: [block] });
      return true;
    }
    default:
      return false;
  }
}

function toAll(world: World, from: number, payload: Uint8Array): void {
  for (const { index } of world.nodes) {
    if (index !== from) world.network.send(from, index, { kind: 'consensus', payload });
  }
}

function damageEveryByte(world: World, from: number, payload: Uint8Array): void {
  for (let at = 0; at < payload.length; at++) {
    const flipped = payload.slice();
    flipped[at] = flipped[at]! ^ (1 << (at % 8));
    toAll(world, from, flipped);
  }
}

function propose(world: World, index: number, what: string): void {
  const node = world.nodes[index]!;
  const { state, blocks } = node.ledger;
  const pooled = [...node.pool.values()];
  const [first] = pooled;
  const genuine: Proposal = {
    height: state.height + 1,
    parentDigest: state.digest,
    epoch: state.epoch,
    timestampMs: Math.max(state.timestampMs + 1, world.scheduler.nowMs),
    sealer: state.sealers.indexOf(node.nodeId),
    sealers: state.sealers,
    transactionHashes: pooled,
  };
  const changes: Readonly<Record<string, Partial<Proposal>>> = {
    genuine: {},
    replayed: { transactionHashes: blocks.flatMap(({ proposal }) => proposal.transactionHashes) },
    twice: { transactionHashes: [first!, first!] },
    future: { height: state.height + 2 },
    otherParent: { parentDigest: GENESIS_HASH.map((byte) => byte ^ 0xff) },
    otherEpoch: { epoch: state.epoch + 1 },
  };
  const { view } = node.engine!.status();
  const message = new HostileSigner(world, index).prePrepare({ ...genuine, ...changes[what] }, view);
  toAll(world, index, encodeMessage(message));
}

function blockToOffer({ world, sent }: Stage, from: number, to: number, what: string): SimulatedBlock {
  if (what === 'prepares') return preparedBlock(world, sent, to);
  const block = world.nodes[from]!.ledger.blocks[world.nodes[to]!.height]!;
  const { proposal, signatures } = block;
  const forgeries: Readonly<Record<string, Partial<SimulatedBlock>>> = {
    genuine: {},
    repeated: { signatures: signatures.map(() => signatures[0]!) },
    fewer: { signatures: signatures.slice(1) },
    empty: { proposal: { ...proposal, transactionHashes: [] }, signatures: [] },
  };
  return { ...block, ...forgeries[what] };
}

/** The last proposal as a block, with the signatures of its prepares for a certificate. */
function preparedBlock(world: World, sent: SentMessages, to: number): SimulatedBlock {
  const proposal = sent.lastProposal();
  const digest = digestOf(proposal);
  const { hash } = execute(world.rules, world.nodes[to]!.ledger.state, proposal, digest);
  const signatures = sent.preparesFor(digest).map(({ signer, signature }) => ({ index: signer, signature }));
  return { height: proposal.height, hash, proposal, signatures };
}
