/** Leads the light client of one chain after the sealers of another. */
import { SdkError } from '@menglian/sdk/sdkError';
import { hasNumber, SEALERS_UNTRUSTED } from './codes.js';
import { ANCHOR_STEPS_MAX, MARK_AGE_BLOCKS_MAX } from './limits.js';
import type { MarkedBlock, RelayChain } from './ports.js';

/**
 * Tells the target of the sealers that the source has now, when they are others than the target believes. Done while few have changed,
 * trust never has to jump.
 * @returns the block it learnt from, or undefined when there was nothing to tell
 */
export async function followSealers(source: RelayChain, target: RelayChain): Promise<number | undefined> {
  const [identity, height] = await Promise.all([source.identity(), source.blockNumber()]);
  if (height === 0 || (await isBelieved(source, target, height))) return undefined;
  const { blockNumber, transactionHash } = (await recentMark(source, height)) ?? (await source.mark());
  await target.update(identity, await source.bundle(blockNumber, [transactionHash]));
  return blockNumber;
}

/** One with the same sealers serves as well: that of a message, or a mark for another chain. */
async function recentMark(source: RelayChain, height: number): Promise<MarkedBlock | undefined> {
  const marked = await source.findMarked(Math.max(0, height - MARK_AGE_BLOCKS_MAX), height);
  if (marked === undefined) return undefined;
  const [now, then] = await Promise.all([source.sealersOf(height), source.sealersOf(marked.blockNumber)]);
  return isSameSet(now, then) ? marked : undefined;
}

/**
 * Finds a block below one whose sealers are not believed, by halves, whose sealers are, and tells the target of it. After some of these
 * steps the block itself is believed.
 * @returns the block it learnt from. @throws SdkError SEALERS_UNTRUSTED when no block leads there
 */
export async function bridgeTrust(source: RelayChain, target: RelayChain, untrusted: number): Promise<number> {
  const identity = await source.identity();
  const known = await target.knows(identity);
  let low = known !== undefined && known.anchorNumber < untrusted ? known.anchorNumber : 0;
  let high = untrusted;
  for (let step = 0; step < ANCHOR_STEPS_MAX; step++) {
    const middle = Math.floor((low + high) / 2);
    const marked = (await source.findMarked(low, middle)) ?? (await source.findMarked(middle, high - 1));
    if (marked === undefined) break;
    const { blockNumber, transactionHash } = marked;
    if (await isBelieved(source, target, blockNumber)) {
      low = blockNumber;
      continue;
    }
    const bundle = await source.bundle(blockNumber, [transactionHash]);
    try {
      await target.tryUpdate(identity, bundle);
    } catch (error) {
      if (!hasNumber(error, SEALERS_UNTRUSTED)) throw error;
      high = blockNumber;
      continue;
    }
    await target.update(identity, bundle);
    return blockNumber;
  }
  const problem = `no block of ${source.name} leads ${target.name} from the sealers it knows to those of block ${untrusted}`;
  const advice = `see that the nodes of ${source.name} are right; then the committee of ${target.name} calls reset`;
  throw new SdkError(SEALERS_UNTRUSTED, problem, advice);
}

async function isBelieved(source: RelayChain, target: RelayChain, blockNumber: number): Promise<boolean> {
  const [sealers, believed] = await Promise.all([
    source.sealersOf(blockNumber),
    target.believedSealers(await source.identity(), blockNumber),
  ]);
  return isSameSet(sealers, believed);
}

function isSameSet(sealers: readonly string[], others: readonly string[]): boolean {
  const known = new Set(others);
  return sealers.length === known.size && sealers.every((nodeId) => known.has(nodeId));
}
