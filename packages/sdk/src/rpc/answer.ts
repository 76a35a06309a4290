import { SdkError, sdkError } from '../sdkError.js';
import { answeredError } from './rpcError.js';

/** One answer of JSON-RPC, unread. */
interface Answer {
  readonly result?: unknown;
  readonly error?: { readonly code?: unknown; readonly message?: unknown } | null;
}

/**
 * The result of an answer.
 * @param lost why a node that was asked before did not answer: it may have done what was asked. Becomes the cause.
 * @throws SdkError with the node's number or word, or `BadAnswer`
 */
export function resultOf(value: unknown, lost?: SdkError): unknown {
  if (typeof value !== 'object' || value === null) throw badAnswer('nothing to a request');
  const { result, error } = value as Answer;
  if (error !== undefined && error !== null) {
    const answered = answeredError(error);
    if (lost !== undefined) answered.cause = lost;
    throw answered;
  }
  if (result === undefined) throw badAnswer('neither a result nor an error');
  return result;
}

export function badAnswer(what: string, cause?: unknown): SdkError {
  return sdkError('BadAnswer', `the node answered ${what}`, 'see that the address is that of a node', cause);
}

export function closedError(): SdkError {
  return sdkError('Closed', 'the client was closed', 'make a new one');
}
