import { utf8Bytes } from '@menglian/base/bytes';
import type { Client } from '../client.js';
import { type Hash, hexOf } from '../hex.js';
import { sdkError } from '../sdkError.js';
import { HotAccounts } from './hotAccounts.js';
import { type ClearingStatement, ShadowAccounts } from './shadowAccounts.js';

/** An epoch as the hot chain booked it, beside what the user chain has of it. */
export interface ReconciledEpoch {
  readonly statement: ClearingStatement;
  /** Sums of the single payments, from their events. */
  readonly paidIn: bigint;
  readonly paidOut: bigint;
  readonly payments: bigint;
  /** Transactions of the payments, in the order of the chain. */
  readonly transactions: readonly Hash[];
  /** The user chain closed this very record, and its payments come to these sums. */
  readonly isSame: boolean;
}

/**
 * Compares what was booked with the payments it is made of, reading the blocks of the epoch on the user chain. Both nodes are believed:
 * `menglian audit hot-account` proves it.
 * @throws SdkError `NotFound` when the hot chain has not booked the epoch
 */
export async function reconcileEpoch(
  chains: { readonly hot: Client; readonly user: Client },
  account: string,
  epoch: bigint,
): Promise<ReconciledEpoch> {
  const { hot, user } = chains;
  const statement = await new HotAccounts(hot).statement(account, await user.getBlockHash(0), epoch);
  if (statement === undefined) {
    throw sdkError('NotFound', `epoch ${epoch} of ${account} is not booked`, 'wait until it is settled');
  }
  const accountHash = hexOf(user.suite.hash(utf8Bytes(account)));
  const options = {
    where: { accountHash, epoch },
    fromBlock: statement.firstBlock,
    toBlock: statement.lastBlock,
  };
  const { Paid, PaidOut, Closed } = new ShadowAccounts(user).events;
  const [paid, paidOut, closed] = await Promise.all([Paid.find(options), PaidOut.find(options), Closed.find(options)]);
  const sum = (payments: readonly { readonly args: { readonly amount: bigint } }[]) =>
    payments.reduce((total, { args }) => total + args.amount, 0n);
  const [amountIn, amountOut, payments] = [sum(paid), sum(paidOut), BigInt(paid.length + paidOut.length)];
  const isSame =
    closed.length === 1 &&
    closed[0]!.args.record === statement.bytes &&
    amountIn === statement.amountIn &&
    amountOut === statement.amountOut &&
    payments === statement.payments;
  const transactions = [...paid, ...paidOut].toSorted(
    (a, b) => a.blockNumber - b.blockNumber || a.transactionIndex - b.transactionIndex || a.logIndex - b.logIndex,
  );
  return {
    statement,
    paidIn: amountIn,
    paidOut: amountOut,
    payments,
    transactions: transactions.map(({ transactionHash }) => transactionHash),
    isSame,
  };
}
