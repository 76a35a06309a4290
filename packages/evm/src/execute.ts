import type { CryptoSuite } from '@menglian/crypto/suite';
import type { Activation } from './activation.js';
import { AnalyzedCode, analyze } from './codeAnalysis.js';
import { closeFrame, openFrame } from './frame.js';
import type { Frame } from './frame.js';
import type { GasSchedule } from './gasSchedule.js';
import { Halt, gasLeftAfter } from './halt.js';
import { interpret } from './interpreter.js';
import type { CallMessage, EvmHost, ExecutionOutcome, TransactionContext } from './ports.js';
import { LEFT, translationFor } from './translation/tiers.js';

/** Runs a frame that was just opened. @returns the status; the frame holds the gas left and the output */
export type Core = (frame: Frame, activation: Activation) => number;

/**
 * Runs one code to its end: a transaction's own, or that of an inner call when the host comes back with it. Code that runs
 * often should come analysed: only then is it ever translated. Never throws on what code does; what the host throws passes
 * through.
 */
export function execute(
  code: AnalyzedCode | Uint8Array,
  message: CallMessage,
  host: EvmHost,
  context: TransactionContext,
  schedule: GasSchedule,
  suite: CryptoSuite,
): ExecutionOutcome {
  return executeOn(code instanceof AnalyzedCode ? run : interpret, code, message, host, context, schedule, suite);
}

/** The same on a core of one's choice: tests and tools compare them. */
export function executeOn(
  core: Core,
  code: AnalyzedCode | Uint8Array,
  message: CallMessage,
  host: EvmHost,
  context: TransactionContext,
  schedule: GasSchedule,
  suite: CryptoSuite,
): ExecutionOutcome {
  const analyzed = code instanceof AnalyzedCode ? code : analyze(code);
  const activation = { code: analyzed, prices: analyzed.prices(schedule), message, host, context, schedule, suite };
  const frame = openFrame(message.gas);
  const status = core(frame, activation);
  if (status === Halt.OUT_OF_GAS || status === Halt.PERMISSION_DENIED) {
    // All of it goes back to the caller: what was really burned counts against the budget instead.
    context.budget.remaining -= message.gas - frame.gas;
  }
  const outcome = { status, gasLeft: gasLeftAfter(status, frame.gas, message.gas), output: frame.output };
  closeFrame(frame);
  return outcome;
}

/** Translated where the code has been hot, interpreted otherwise and where the translation leaves it to the interpreter. */
function run(frame: Frame, activation: Activation): number {
  const translation = translationFor(activation.code, activation.prices);
  if (translation === undefined) return interpret(frame, activation);
  const status = translation.run(frame, activation);
  return status === LEFT ? interpret(frame, activation) : status;
}
