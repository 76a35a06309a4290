import { METHOD_NOT_FOUND, NOT_A_MEMBER, type Outcome } from '../errors.js';
import type { GroupRequest, GroupView } from '../ports.js';
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

/** Answers one request on the thread of its group. Parameter types were checked where the request arrived. */
export function runGroupMethod(view: GroupView, { method, params }: GroupRequest): Outcome {
  const found = GROUP_METHODS.get(method);
  if (found === undefined) return { ok: false, error: METHOD_NOT_FOUND };
  if (!view.isMember() && found.forNonMembers === undefined) return { ok: false, error: NOT_A_MEMBER };
  return outcomeOf(() => found.run(view, ...(params as never[])));
}
