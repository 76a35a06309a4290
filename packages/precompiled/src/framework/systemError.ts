/**
 * Ends a call with status 21: the executor reverts what the call wrote, and the message becomes the output as
 * Error(string). Messages enter receipts, so they are part of the protocol. They are byte strings.
 */
export class SystemError extends Error {
  override readonly name = 'SystemError';
}

/** The message of every failure that has none of its own: bad call data, a wrong object, text that is no number. */
export function parameterError(): SystemError {
  return new SystemError('PrecompiledError');
}

/** @throws SystemError where a call has used more gas than it was given */
export function requireGas(gasUsed: number, gasLeft: number): void {
  if (gasUsed <= gasLeft) return;
  throw new SystemError(`OutOfGas when executing precompiled Contract, gasUsed: ${gasUsed}, leftGas:${gasLeft}`);
}

/** Nobody reads it: the whole transaction ends with status 12. */
export const WORK_SPENT = 'the transaction does too much work';
