import { EMPTY_BYTES } from '@menglian/base/bytes';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { NORMAL_SCHEDULE } from '../gasSchedule.js';
import type { GasSchedule } from '../gasSchedule.js';
import type { CallMessage, ExecutionOutcome, TransactionContext } from '../ports.js';
import { assemble } from './assembler.js';
import { MemoryHost } from './memoryHost.js';

export const ORIGIN = '11'.repeat(20);
export const CONTRACT = 'c0'.repeat(20);
export const OTHER = 'd0'.repeat(20);

export interface Setup {
  readonly suite: CryptoSuite;
  readonly ecdsa?: CryptoSuite;
  readonly schedule?: GasSchedule;
  readonly context?: Partial<TransactionContext>;
  /** code of `OTHER`, as text for the assembler */
  readonly other?: string;
  readonly message?: Partial<CallMessage>;
  readonly mayWrite?: (address: string) => boolean;
  readonly prepare?: (host: MemoryHost) => void;
}

export interface Finished extends ExecutionOutcome {
  readonly host: MemoryHost;
  readonly gasUsed: number;
  readonly context: TransactionContext;
}

export const GAS = 1_000_000;

/** Runs assembled code as a transaction to `CONTRACT` would. */
export function runText(text: string, setup: Setup): Finished {
  const context: TransactionContext = {
    origin: ORIGIN,
    gasPrice: 5n,
    blockNumber: 1_000,
    timestampMs: 1_700_000_000_123,
    budget: { remaining: 10 * GAS },
    ...setup.context,
  };
  const host = new MemoryHost({
    suite: setup.suite,
    ecdsa: setup.ecdsa ?? setup.suite,
    schedule: setup.schedule ?? NORMAL_SCHEDULE,
    context,
    firstCreationNumber: 0n,
    blockHash: (number) => number + 7n,
    ...(setup.mayWrite === undefined ? {} : { mayWrite: setup.mayWrite }),
  });
  host.setAccount(CONTRACT, assemble(text));
  if (setup.other !== undefined) host.setAccount(OTHER, assemble(setup.other));
  setup.prepare?.(host);
  const message: CallMessage = {
    kind: 'call',
    gas: GAS,
    sender: ORIGIN,
    recipient: CONTRACT,
    codeAddress: CONTRACT,
    value: 0n,
    input: EMPTY_BYTES,
    depth: 0,
    isStatic: false,
    ...setup.message,
  };
  const outcome = host.run(message);
  return { ...outcome, host, gasUsed: message.gas - outcome.gasLeft, context };
}
