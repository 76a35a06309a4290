/** Blocks that are not final, as a hostile replica serves them. */
import type { SeededRandom } from '@menglian/base/seededRandom';
import { digestOf, execute, type ChainRules, type SimulatedBlock } from '../chain.js';
import type { SimulatedNode } from '../node.js';
import type { HostileSigner } from './signer.js';

/** @param stored what an honest replica would answer */
export function forgedBlocks(
  random: SeededRandom,
  rules: ChainRules,
  signer: HostileSigner,
  node: SimulatedNode,
  fromHeight: number,
  stored: readonly SimulatedBlock[],
): readonly SimulatedBlock[] {
  const [block, ...rest] = stored;
  if (block === undefined) return fromHeight === node.height + 1 ? [invented(random, rules, signer, node)] : [];
  const { signatures, proposal } = block;
  switch (random.below(6)) {
    case 0:
      // One signature, as often as it takes.
      return [{ ...block, signatures: signatures.map(() => signatures[0]!) }, ...rest];
    case 1:
      return [{ ...block, signatures: signatures.map(({ signature }, index) => ({ index, signature })) }, ...rest];
    case 2:
      return [{ ...block, signatures: signatures.slice(1) }, ...rest];
    case 3:
      return [{ ...block, proposal: { ...proposal, transactionHashes: [] }, signatures: [] }, ...rest];
    case 4:
      return [{ ...block, proposal: { ...proposal, transactionHashes: proposal.transactionHashes.slice(1) } }, ...rest];
    default:
      return [invented(random, rules, signer, node)];
  }
}

/** A block of its own on its head, signed by itself in everybody's name. */
function invented(random: SeededRandom, rules: ChainRules, signer: HostileSigner, node: SimulatedNode): SimulatedBlock {
  const { state } = node.ledger;
  const proposal = {
    height: state.height + 1,
    parentDigest: state.digest,
    epoch: state.epoch,
    timestampMs: state.timestampMs + 1,
    sealer: random.below(state.sealers.length),
    sealers: state.sealers,
    transactionHashes: [random.bytes(32)],
  };
  const { hash } = execute(rules, state, proposal, digestOf(proposal));
  const signature = signer.crypto.sign(hash);
  return {
    height: proposal.height,
    hash,
    proposal,
    signatures: state.sealers.map((_, index) => ({ index, signature })),
  };
}
