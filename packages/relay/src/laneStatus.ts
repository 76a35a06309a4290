import type { Client } from '@menglian/sdk/client';
import { Messages } from '@menglian/sdk/services/messages';

/** Where an ordered pair of chains stands. */
export interface LaneStatus {
  readonly from: string;
  readonly to: string;
  readonly sent: bigint;
  readonly taken: bigint;
  /** Taken, and refused by their receivers. */
  readonly failed: bigint;
}

/** @throws SdkError */
export async function laneStatuses(
  chains: readonly { readonly name: string; readonly client: Client }[],
): Promise<readonly LaneStatus[]> {
  const pairs = chains.flatMap((from) => chains.filter((to) => to !== from).map((to) => [from, to] as const));
  return Promise.all(
    pairs.map(async ([from, to]) => {
      const [source, target] = await Promise.all([from.client.getBlockHash(0), to.client.getBlockHash(0)]);
      const [sent, { lastTaken, failed }] = await Promise.all([
        new Messages(from.client).lastSent(target),
        new Messages(to.client).inbox(source),
      ]);
      return { from: from.name, to: to.name, sent, taken: lastTaken, failed };
    }),
  );
}
