import type { Hash } from '@menglian/sdk/hex';
import type { RpcChain } from './rpcChain.js';

/** Where an ordered pair of chains stands. */
export interface LaneStatus {
  readonly from: string;
  readonly to: string;
  readonly sent: bigint;
  readonly taken: bigint;
  /** Taken, and refused by their receivers. */
  readonly failed: bigint;
}

/** What is asked of each chain. */
type AskedChain = Pick<RpcChain, 'name' | 'identity' | 'lastSent' | 'inbox'>;

/** @throws SdkError */
export async function laneStatuses(chains: readonly AskedChain[]): Promise<readonly LaneStatus[]> {
  const known = await Promise.all(chains.map(async (chain) => ({ chain, identity: await chain.identity() })));
  const lanes: LaneStatus[] = [];
  // The pairs of one source at once: all pairs would be thousands of requests.
  for (const from of known) {
    const pairs = known.filter((to) => to !== from).map((to) => statusOf(from, to));
    lanes.push(...(await Promise.all(pairs)));
  }
  return lanes;
}

interface KnownChain {
  readonly chain: AskedChain;
  readonly identity: Hash;
}

async function statusOf(from: KnownChain, to: KnownChain): Promise<LaneStatus> {
  const [sent, inbox] = await Promise.all([from.chain.lastSent(to.identity), to.chain.inbox(from.identity)]);
  return { from: from.chain.name, to: to.chain.name, sent, taken: inbox.lastTaken, failed: inbox.failed };
}
