/** Execution runs beside replication: it begins when an entry is in the log for good or ill, not when it is committed. */
import { toHex } from '@menglian/base/bytes';
import type { Input } from '@menglian/consensus-core/ports';
import type { Line } from './line.js';
import type { Replica } from './replica.js';

/** Asks for the first place that is not executed, if what it needs is here. Each runs on the result of the one before. */
export function executeNext(replica: Replica, line: Line): void {
  const { stable } = replica.core.log;
  for (const { index, block } of line.places) {
    if (block.result !== undefined) continue;
    if (index > stable || block.verification !== 'verified' || block.isExecutionAsked) return;
    block.isExecutionAsked = true;
    const { digest, proposal } = block;
    replica.effects.push({ kind: 'execute', height: proposal.height, digest, proposal });
    return;
  }
}

export function onExecuted(replica: Replica, input: Extract<Input, { kind: 'executed' }>): void {
  const block = replica.blocks.get(toHex(input.digest));
  if (block === undefined || block.result !== undefined) return;
  block.result = { headerHash: input.headerHash, endsEpoch: input.endsEpoch };
}
