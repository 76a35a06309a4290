import type { Outcome } from '../errors.js';
import { RpcFailure } from '../errors.js';
import { canonicalJson, type Json } from '../json.js';
import type { ParameterType } from '../parameters.js';
import type { GroupRequest, GroupView, ReceiptWatches } from '../ports.js';

interface MethodBasics {
  readonly params: readonly ParameterType[];
  /** 2.x answers the two methods about the pool also on nodes outside the group; methods that send look for themselves. */
  readonly forNonMembers?: true;
}

/** One method of a group: what it takes after the group id, and what it answers. */
export interface SingleMethod extends MethodBasics {
  /** @throws RpcFailure with the error to answer */
  readonly run: (view: GroupView, ...params: never[]) => Json;
}

/** One that is cheaper when calls that stand side by side in a batch are answered together. */
export interface JoinedMethod extends MethodBasics {
  /** @returns one outcome for each call, as if they ran one after another */
  readonly runMany: (
    view: GroupView,
    requests: readonly GroupRequest[],
    watches: ReceiptWatches | undefined,
  ) => Outcome[];
}

export type GroupMethod = SingleMethod | JoinedMethod;

/** Runs what may throw an RpcFailure and gives its answer. */
export function outcomeOf(run: () => Json): Outcome {
  try {
    return { ok: true, json: canonicalJson(run()) };
  } catch (error) {
    if (error instanceof RpcFailure) return { ok: false, error: error.error };
    throw error;
  }
}
