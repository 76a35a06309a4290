import { UNSETTLED_EPOCHS_MAX } from '@menglian/interchain/limits';
import type { Client } from '../client.js';
import type { Hash } from '../hex.js';
import { sdkError } from '../sdkError.js';
import { HotAccounts, type HotAccount, type SettledShadow } from './hotAccounts.js';
import { type ClearingStatement, type ShadowAccount, ShadowAccounts } from './shadowAccounts.js';

/** How often a total is read anew because an epoch was settled meanwhile; one such is rare. */
const TRIES_MAX = 10;

/** Chains asked about one account. */
const CHAINS_MAX = 256;

/** What one user chain adds to an account. */
export interface UserChainTotal {
  readonly chain: Hash;
  /** Settled, closed and open epochs together: as every payer saw it. */
  readonly amountIn: bigint;
  readonly amountOut: bigint;
  /** Paid in and not booked on the hot chain yet. */
  readonly unsettledIn: bigint;
  /** Granted and not paid out yet: on the chain, or on the way there. */
  readonly quota: bigint;
  /** Closed epochs that the hot chain has not booked. */
  readonly unsettled: readonly ClearingStatement[];
}

/** All that belongs to an account at this moment. */
export interface HotAccountTotal {
  /** The balance on the hot chain, and what of every user chain is not in it. */
  readonly total: bigint;
  readonly balance: bigint;
  readonly chains: readonly UserChainTotal[];
}

/**
 * What an account has now, final payments of this second included, not only what is booked.
 * @param users clients of all chains to which it is attached, in any order
 * @throws SdkError `NotFound`: no such account, or the client of a chain is missing; `Timeout`: epochs are settled faster than this can read
 */
export async function hotAccountTotal(
  hot: Client,
  users: readonly Client[],
  account: string,
): Promise<HotAccountTotal> {
  const service = new HotAccounts(hot);
  const hotChain = await hot.getBlockHash(0);
  const identities = new Map(
    await Promise.all(users.slice(0, CHAINS_MAX).map(async (user) => [await user.getBlockHash(0), user] as const)),
  );
  for (let attempt = 0; attempt < TRIES_MAX; attempt++) {
    const booked = await readBooked(service, account);
    if (booked === undefined) continue;
    const totals = await Promise.all(
      booked.shadows.map(async ([chain, settled]) => {
        const user = identities.get(chain);
        if (user === undefined) {
          throw sdkError('NotFound', `no client of chain ${chain} was given`, `${account} is attached to it: add one`);
        }
        return readUserChain(new ShadowAccounts(user), account, { chain, hotChain, settled });
      }),
    );
    const chains = totals.filter((total) => total !== undefined);
    if (chains.length < totals.length) continue;
    const { balance } = booked.account;
    const total = chains.reduce((sum, { unsettledIn, quota }) => sum + unsettledIn + quota, balance);
    return { total, balance, chains };
  }
  throw sdkError('Timeout', `${account} changed each of ${TRIES_MAX} times it was read`, 'ask again');
}

/** Balance and what it is made of, of one moment. @returns undefined when it changed meanwhile */
async function readBooked(
  service: HotAccounts,
  account: string,
): Promise<
  { readonly account: HotAccount; readonly shadows: readonly (readonly [Hash, SettledShadow])[] } | undefined
> {
  const before = await service.get(account);
  if (before === undefined) throw sdkError('NotFound', `there is no hot account ${account}`, 'see its name');
  const chains = await service.chains(account);
  const shadows = await Promise.all(
    chains.map(async ({ chain }) => [chain, await service.shadow(account, chain)] as const),
  );
  const after = await service.get(account);
  const isSame = (['balance', 'settledIn', 'settledOut', 'granted'] as const).every(
    (sum) => before[sum] === after?.[sum],
  );
  return isSame ? { account: before, shadows } : undefined;
}

/**
 * What is not booked yet. Read after the hot chain: so no epoch is missed, and one that was settled and dropped meanwhile shows.
 * @returns undefined when that happened
 */
async function readUserChain(
  service: ShadowAccounts,
  account: string,
  { chain, hotChain, settled }: { readonly chain: Hash; readonly hotChain: Hash; readonly settled: SettledShadow },
): Promise<UserChainTotal | undefined> {
  const shadow: ShadowAccount | undefined = await service.get(account);
  const { granted, settledIn, settledOut, lastEpoch } = settled;
  if (shadow?.hotChain !== hotChain) {
    // Attached, and the message is on its way or the name is taken there: nobody could pay.
    return { chain, amountIn: 0n, amountOut: 0n, unsettledIn: 0n, quota: granted, unsettled: [] };
  }
  const unsettledCount = shadow.openEpoch - lastEpoch - 1n;
  // A node of either chain that is far behind.
  if (unsettledCount < 0n || unsettledCount > UNSETTLED_EPOCHS_MAX) return undefined;
  const epochs = Array.from({ length: Number(unsettledCount) }, (_, index) => index);
  const records = await Promise.all(epochs.map((index) => service.record(account, lastEpoch + 1n + BigInt(index))));
  const unsettled = records.filter((one) => one !== undefined);
  if (unsettled.length < records.length) return undefined;
  const unsettledIn = unsettled.reduce((sum, { amountIn }) => sum + amountIn, shadow.openIn);
  const unsettledOut = unsettled.reduce((sum, { amountOut }) => sum + amountOut, shadow.openOut);
  return {
    chain,
    amountIn: settledIn + unsettledIn,
    amountOut: settledOut + unsettledOut,
    unsettledIn,
    quota: granted - settledOut - unsettledOut,
    unsettled,
  };
}
