import { describe, expect, it } from 'vitest';
import { decodeMessage, encodeMessage } from '@menglian/pbft/messageCodec';
import type { NewView, PreparedProof, ViewChangeStatement } from '@menglian/pbft/messages';
import { newViewDigest, viewChangeDigest } from '@menglian/pbft/signing';
import { calm } from './swarm.js';
import { World } from './world.js';

const GROUP = { chainId: 1n, groupId: 1 };

/**
 * A cluster whose height 1 is prepared in view 0 and whose commits are lost, so that it changes to view 1 with a
 * certificate; replica 3 is kept from every new-view, so that it still waits for one.
 */
function clusterBeforeNewView(): { world: World; genuine: NewView } {
  const world = new World(calm(9));
  let genuine: NewView | undefined = undefined;
  world.afterEffect = (_, effect) => {
    if (effect.kind !== 'send') return;
    const decoded = decodeMessage(effect.payload);
    if (decoded.ok && decoded.value.kind === 'newView') genuine ??= decoded.value;
  };
  world.startAll();
  world.network.jam([3], [0, 1, 2, 3]);
  world.submit();
  world.resubmit();
  world.scheduler.runUntil(900);
  for (const from of [0, 1, 2]) world.network.cut(from, 3);
  world.scheduler.runUntil(1400);
  if (genuine === undefined) throw new Error('no new view');
  return { world, genuine };
}

describe('a new-view is refused', () => {
  const { world, genuine } = clusterBeforeNewView();
  const victim = world.nodes[3]!;
  const [a, b, c] = genuine.statements as [ViewChangeStatement, ViewChangeStatement, ViewChangeStatement];
  const { hash } = world.keys.cryptoOf(victim.nodeId);

  /** Signed by its sender with its own key: all that a faulty leader can do. */
  function signed(message: NewView): NewView {
    const crypto = world.keys.cryptoOf(world.nodes[message.signer]!.nodeId);
    return { ...message, signature: crypto.sign(newViewDigest({ hash }, GROUP, 1, message)) };
  }

  /** A statement of the leader itself, which it can sign as it likes. */
  function ownStatement(change: Partial<ViewChangeStatement>): ViewChangeStatement {
    const content = { ...a, signer: genuine.signer, ...change };
    const crypto = world.keys.cryptoOf(world.nodes[genuine.signer]!.nodeId);
    return { ...content, signature: crypto.sign(viewChangeDigest({ hash }, GROUP, content)) };
  }

  function give(message: NewView): void {
    victim.input({ kind: 'message', from: world.nodes[0]!.nodeId, payload: encodeMessage(message) });
  }

  const [proof] = genuine.proofs as [PreparedProof];
  const without = { proofs: [] };
  const forgeries: Record<string, NewView> = {
    'that leaves out the proposal it must carry': signed({ ...genuine, ...without }),
    'with another proposal': signed({
      ...genuine,
      proofs: [{ ...proof, proposal: { ...proof.proposal, timestampMs: proof.proposal.timestampMs + 1 } }],
    }),
    'with too few statements': signed({ ...genuine, statements: [a, b] }),
    'that counts one sender twice': signed({ ...genuine, statements: [a, b, b] }),
    'with a statement for another view': signed({ ...genuine, statements: [a, b, ownStatement({ view: 2 })] }),
    'whose claims were cut out': signed({
      ...genuine,
      ...without,
      statements: [a, b, c].map((statement) => ({ ...statement, claims: [] })),
    }),
    'with a claim of a later view than its own': signed({
      ...genuine,
      statements: [a, b, ownStatement({ claims: [{ ...a.claims[0]!, view: 1 }] })],
    }),
    'with votes that do not prove the claim': signed({
      ...genuine,
      proofs: [{ ...proof, votes: proof.votes.slice(1) }],
    }),
    'with the same vote twice': signed({
      ...genuine,
      proofs: [{ ...proof, votes: [proof.votes[0]!, proof.votes[0]!, proof.votes[1]!] }],
    }),
    'about a head that is not ours': signed({
      ...genuine,
      statements: [a, b, ownStatement({ headHash: new Uint8Array(32) })],
    }),
    'about a head that we have not stored': signed({ ...genuine, statements: [a, b, ownStatement({ headHeight: 7 })] }),
    'with a proof too many': signed({ ...genuine, proofs: [proof, proof] }),
    'by another than its leader': signed({ ...genuine, signer: 0 }),
    'for a view whose quorum it does not show': signed({ ...genuine, view: 2 }),
    'with a signature of somebody else': { ...genuine, signature: signed({ ...genuine, signer: 0 }).signature },
  };

  for (const [name, forged] of Object.entries(forgeries)) {
    it(name, () => {
      give(forged);
      expect(victim.engine!.status().view).toBe(0);
    });
  }

  it('unless it is the genuine one, which makes the prepared content come again', () => {
    expect(genuine.proofs).toHaveLength(1);
    give(genuine);
    expect(victim.engine!.status().view).toBe(1);
    world.network.heal();
    world.scheduler.runUntil(world.scheduler.nowMs + 3000);
    expect(world.nodes.map((node) => node.ledger.blocks[0]?.proposal)).toEqual(world.nodes.map(() => proof.proposal));
  });
});
