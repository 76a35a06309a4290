import type { Outcome } from '../errors.js';
import { RpcFailure } from '../errors.js';
import { canonicalJson, type Json } from '../json.js';
import type { ParameterType } from '../parameters.js';
import type { GroupView } from '../ports.js';

/** One method of a group: what it takes after the group id, and what it answers. */
export interface GroupMethod {
  readonly params: readonly ParameterType[];
  /** 2.x answers the two methods about the pool also on nodes outside the group. */
  readonly forNonMembers?: true;
  /** @throws RpcFailure with the error to answer */
  readonly run: (view: GroupView, ...params: never[]) => Json;
}

/** Runs what may throw an RpcFailure and gives its answer. */
export function outcomeOf(run: () => Json): Outcome {
  try {
    return { ok: true, json: canonicalJson(run()) };
  } catch (error) {
    if (error instanceof RpcFailure) return { ok: false, error: error.error };
    throw error;
  }
}
