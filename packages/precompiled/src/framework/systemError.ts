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
