import { METHOD_NOT_FOUND, NOT_A_MEMBER, type Outcome, type RpcError } from '../errors.js';
import type { GroupRequest, GroupView, ReceiptWatches } from '../ports.js';
import { BATCH_RECEIPT_METHODS } from './batchReceipts.js';
import { BLOCK_METHODS } from './blocks.js';
import { CONSENSUS_METHODS } from './consensus.js';
import { outcomeOf, type GroupMethod } from './groupMethod.js';
import { STATE_METHODS } from './state.js';
import { TRANSACTION_METHODS } from './transactions.js';

/** Every method whose first parameter names the group that answers it. */
export const GROUP_METHODS: ReadonlyMap<string, GroupMethod> = new Map([
  ...Object.entries(BLOCK_METHODS),
  ...Object.entries(TRANSACTION_METHODS),
  ...Object.entries(BATCH_RECEIPT_METHODS),
  ...Object.entries(STATE_METHODS),
  ...Object.entries(CONSENSUS_METHODS),
]);

/**
 * How many requests from `start` on can be answered together: one, or several side by side of a method that takes many.
 * @param max at least 1
 */
export function joinedRequests(requests: readonly GroupRequest[], start: number, max: number): number {
  const { method } = requests[start]!;
  const found = GROUP_METHODS.get(method);
  if (found === undefined || !('runMany' in found)) return 1;
  let count = 1;
  while (count < max && requests[start + count]?.method === method) count++;
  return count;
}

/**
 * Answers requests on the thread of their group. Parameter types were checked where they arrived.
 * @param requests as many as `joinedRequests` says
 * @param watches needed where a request has one
 */
export function runGroupMethod(
  view: GroupView,
  requests: readonly GroupRequest[],
  watches?: ReceiptWatches,
): Outcome[] {
  const [{ method }] = requests as readonly [GroupRequest];
  const found = GROUP_METHODS.get(method);
  const refuse = (error: RpcError) => requests.map((): Outcome => ({ ok: false, error }));
  if (found === undefined) return refuse(METHOD_NOT_FOUND);
  if (found.forNonMembers === undefined && !view.isMember()) return refuse(NOT_A_MEMBER);
  if ('runMany' in found) return found.runMany(view, requests, watches);
  return requests.map(({ params }) => outcomeOf(() => found.run(view, ...(params as never[]))));
}
