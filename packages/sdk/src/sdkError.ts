/** What went wrong before or after a node was asked; what a node itself answered has its JSON-RPC number as code. */
export type SdkErrorName =
  /** An argument is not what it must be; nothing was sent. */
  | 'BadArgument'
  /** No node could be reached. */
  | 'NoConnection'
  /** A node did not answer in time, or a transaction is in no block yet. */
  | 'Timeout'
  /** A node answered something that is not of the protocol. */
  | 'BadAnswer'
  /** Too much is under way at once. */
  | 'TooMany'
  /** The client was closed. */
  | 'Closed'
  /** Something that was asked for does not exist. */
  | 'NotFound'
  /** A signature, a proof or a hash does not hold. */
  | 'NotProven'
  /** A key cannot be read: damaged text, or a wrong password. */
  | 'BadKey'
  /** The key is one of the other suite: of an ordinary chain on an SM chain, or the other way round. */
  | 'OtherSuite'
  /** The transport cannot do this. */
  | 'NotSupported';

/** Every error of this package: `code` for programs, `message` for people, `advice` what to try. */
export class SdkError extends Error {
  override readonly name: string = 'SdkError';
  /**
   * A number of JSON-RPC (docs/json-rpc.md, "Errors"), the word of a refusal (`BlockLimitCheckFailed`), the name of a
   * transaction status (`RevertInstruction`), or a `SdkErrorName`.
   */
  readonly code: number | string;
  readonly advice: string;

  constructor(code: number | string, problem: string, advice: string, cause?: unknown) {
    super(`${problem} (${code}); ${advice}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.advice = advice;
  }
}

/** An error with one of our own names. */
export function sdkError(name: SdkErrorName, problem: string, advice: string, cause?: unknown): SdkError {
  return new SdkError(name, problem, advice, cause);
}

/** Whether it is one of ours with this code. */
export function hasCode(error: unknown, code: SdkErrorName): error is SdkError {
  return error instanceof SdkError && error.code === code;
}
