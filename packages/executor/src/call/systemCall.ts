import { EMPTY_BYTES } from '@menglian/base/bytes';
import { CALL_DEPTH_LIMIT } from '@menglian/evm/limits';
import type { ExecutionBudget, ExecutionOutcome } from '@menglian/evm/ports';
import { INNER_LOG_BYTES_MAX, SYSTEM_CALLS_DEPTH_MAX } from '@menglian/precompiled/limits';
import { type InnerCall, type InnerOutcome, logBytesOf } from '@menglian/precompiled/ports';
import { TransactionStatus } from '@menglian/types/status';
import type { TransactionHost } from '../transaction/transactionHost.js';
import { callMessage } from './messageCall.js';

/** What the calling contract has left of its work, whatever the callee did: it writes down how the call ended. A rule of the chain. */
const WORK_KEPT = 1_000_000;

/** Less logs for each call around it, so that a callee that writes all it may does not make those around it fail. A rule too. */
const LOG_BYTES_AROUND = 4 * 1024;

/** What a callee may work, and the work within it that was not taken from it: the calls around pay for that. */
class InnerBudget implements ExecutionBudget {
  unpaid = 0;

  constructor(public remaining: number) {}
}

/**
 * A message call that a system contract makes. The callee works at most as much as its gas is worth, whatever gas it gets back: so one
 * receiver of messages cannot use up the transaction that delivers those of others. The last thing it does may be large and take it far
 * beyond: the caller pays for that too, but not with the work it needs itself.
 */
export function callBySystemContract(host: TransactionHost, call: InnerCall): InnerOutcome {
  const depth = host.systemContractDepth + 1;
  if (depth > CALL_DEPTH_LIMIT || host.systemCallsDepth >= SYSTEM_CALLS_DEPTH_MAX) return ranOut(call.gas);
  const { budget } = host.context;
  const allowed = Math.min(budget.remaining, call.gas);
  if (allowed < 0) return ranOut(call.gas);
  const own = new InnerBudget(allowed);
  const kept = Math.min(budget.remaining - allowed, WORK_KEPT);
  const logBytesMax = INNER_LOG_BYTES_MAX - LOG_BYTES_AROUND * host.systemCallsDepth;
  const snapshot = host.snapshot();
  const outcome = host.asOrigin(call.caller, own, () => run(host, call, depth));
  const left = budget.remaining - (allowed - own.remaining) - own.unpaid;
  budget.remaining = Math.max(left, kept);
  if (budget instanceof InnerBudget) budget.unpaid += budget.remaining - left;
  const logBytes = logBytesOf(host.logs.slice(snapshot.logs));
  if (own.remaining >= 0 && logBytes <= logBytesMax) {
    return { status: outcome.status, output: outcome.output, gasUsed: call.gas - outcome.gasLeft, logBytes };
  }
  host.revert(snapshot);
  return ranOut(call.gas);
}

function run(host: TransactionHost, { caller, target, input, gas }: InnerCall, depth: number): ExecutionOutcome {
  const [kind, value, isStatic] = ['call', 0n, false] as const;
  return callMessage(host, {
    kind,
    gas,
    sender: caller,
    recipient: target,
    codeAddress: target,
    value,
    input,
    depth,
    isStatic,
  });
}

function ranOut(gas: number): InnerOutcome {
  return { status: TransactionStatus.OutOfGas, output: EMPTY_BYTES, gasUsed: gas, logBytes: 0 };
}
