/** Messages that are not what they seem, made by a hostile replica out of those that its engine would send. */
import type { SeededRandom } from '@menglian/base/seededRandom';
import type { Proposal } from '@menglian/consensus-core/ports';
import { encodeMessage } from '@menglian/pbft/messageCodec';
import type { Message, NewView, PrePrepare, ViewChange } from '@menglian/pbft/messages';
import { heartbeatDigest } from '@menglian/pbft/signing';
import { digestOf, GENESIS_HASH, invalidTransactionHash, SIMULATED_GROUP } from '../chain.js';
import type { SimulatedNode } from '../node.js';
import type { HostileSigner } from './signer.js';

/** Half of the replicas see another order, or another time. */
export function twoFaced(signer: HostileSigner, to: number, message: PrePrepare): Uint8Array[] {
  if (to % 2 === 0) return [encodeMessage(message)];
  const { proposal, view } = message;
  const changed: Proposal = {
    ...proposal,
    timestampMs: proposal.timestampMs + 1,
    transactionHashes: proposal.transactionHashes.toReversed(),
  };
  return [encodeMessage(signer.prePrepare(changed, view))];
}

/** Another kind with the same signature, another signer, flipped bits, or a part only. */
export function altered(random: SeededRandom, message: Message, payload: Uint8Array, replicas: number): Uint8Array {
  switch (random.below(5)) {
    case 0:
      if (message.kind === 'prepare') return encodeMessage({ ...message, kind: 'commit' });
      if (message.kind === 'commit') return encodeMessage({ ...message, kind: 'prepare' });
      break;
    case 1:
      if ('signer' in message) return encodeMessage({ ...message, signer: random.below(replicas) });
      break;
    case 2:
      return payload.slice(0, random.below(payload.length));
    case 3:
      if (message.kind === 'prepare' || message.kind === 'commit' || message.kind === 'checkpoint') {
        return encodeMessage({ ...message, epoch: message.epoch + random.below(3) });
      }
      break;
    default:
  }
  const flipped = payload.slice();
  const at = random.below(flipped.length);
  flipped[at] = flipped[at]! ^ (1 << random.below(8));
  return flipped;
}

/** Hides what it has prepared, all of it or from some height on, and lies about where it stands. */
export function lying(random: SeededRandom, signer: HostileSigner, message: Message): Uint8Array {
  if (message.kind === 'viewChange') {
    const kept = random.below(message.statement.claims.length + 1);
    const claims = message.statement.claims.slice(0, Math.max(0, kept - 1));
    return encodeMessage(signer.viewChange({ ...message.statement, claims }, message.proofs.slice(0, claims.length)));
  }
  if (message.kind === 'heartbeat') {
    const far = { ...message, height: message.height + random.below(1_000_000), view: random.below(1000) };
    const signature = signer.crypto.sign(heartbeatDigest(signer.crypto, SIMULATED_GROUP, far));
    return encodeMessage({ ...far, signature });
  }
  return encodeMessage(message);
}

/** A proposal of its own, "prepared" just before the view asked for, with votes that are copies of its own. */
export function withForgedClaim(
  random: SeededRandom,
  signer: HostileSigner,
  node: SimulatedNode,
  message: ViewChange,
): ViewChange {
  const { statement } = message;
  const { state } = node.ledger;
  const height = statement.headHeight + 1;
  const proposal: Proposal = {
    height,
    parentDigest: state.digest,
    epoch: state.epoch,
    timestampMs: state.timestampMs + 1,
    sealer: statement.signer,
    sealers: state.sealers,
    transactionHashes: [...node.pool.values()].slice(0, 1),
  };
  const view = Math.max(0, statement.view - 1);
  const digest = digestOf(proposal);
  const own = signer.envelope('prepare', { epoch: proposal.epoch, height, view }, digest);
  const votes = proposal.sealers.map((_, index) => ({
    signer: random.chance(30) ? own.signer : index,
    signature: own.signature,
  }));
  const claim = { height, view, digest, parentDigest: proposal.parentDigest };
  return signer.viewChange({ ...statement, claims: [claim] }, [{ votes, proposal }]);
}

export function invalid(random: SeededRandom, signer: HostileSigner, message: PrePrepare): Uint8Array {
  const { proposal, view } = message;
  const [first] = proposal.transactionHashes;
  const broken: readonly Partial<Proposal>[] = [
    { transactionHashes: [invalidTransactionHash(random.below(1000))] },
    { transactionHashes: [first!, first!] },
    { transactionHashes: [] },
    { timestampMs: 0 },
    { parentDigest: GENESIS_HASH.map((byte) => byte ^ 0xff) },
    { epoch: proposal.epoch + 1 },
    { sealers: proposal.sealers.slice(1) },
    { sealer: (proposal.sealer + 1) % proposal.sealers.length },
    { height: proposal.height + 1 },
  ];
  return encodeMessage(signer.prePrepare({ ...proposal, ...random.pick(broken) }, view));
}

/** Proofs that prove something else: without what they must carry, with one voice many times, of another view. */
export function forgedNewView(random: SeededRandom, signer: HostileSigner, message: NewView): Uint8Array {
  const [first] = message.statements;
  const forgeries: readonly NewView[] = [
    { ...message, proofs: [] },
    { ...message, proofs: message.proofs.slice(1) },
    { ...message, proofs: message.proofs.slice(0, -1) },
    {
      ...message,
      proofs: message.proofs.map(({ proposal, votes }) => ({ proposal, votes: votes.map(() => votes[0]!) })),
    },
    { ...message, statements: message.statements.map(() => first!) },
    { ...message, statements: message.statements.slice(1) },
    { ...message, statements: message.statements.map((statement) => ({ ...statement, claims: [] })), proofs: [] },
    { ...message, view: message.view + 1 },
    { ...message, epoch: message.epoch + 1 },
  ];
  return encodeMessage(signer.newView(random.pick(forgeries)));
}
