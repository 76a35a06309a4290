import { ANSWER_CHARACTERS_MAX, BATCH_REQUESTS_MAX } from './limits.js';

/** An error answer: JSON-RPC's own numbers and those of 2.x (docs/json-rpc.md, "Errors"). */
export interface RpcError {
  readonly code: number;
  readonly message: string;
  /** Whether the answer carries `"data":null`: errors of methods do, refusals before a method do not. */
  readonly hasData: boolean;
}

/** What a method answers: the JSON text of its result, or an error. */
export type Outcome = { readonly ok: true; readonly json: string } | { readonly ok: false; readonly error: RpcError };

const before = (code: number, message: string): RpcError => ({ code, message, hasData: false });
const during = (code: number, message: string): RpcError => ({ code, message, hasData: true });

export const PARSE_ERROR = before(-32700, 'JSON_PARSE_ERROR: The JSON-Object is not JSON-Valid');
export const INVALID_REQUEST = before(
  -32600,
  'INVALID_JSON_REQUEST: The JSON sent is not a valid JSON-RPC Request object',
);

export function batchTooLong(requestsCount: number): RpcError {
  const advice = `a batch of ${requestsCount} requests; at most ${BATCH_REQUESTS_MAX} are answered, send smaller ones`;
  return { ...INVALID_REQUEST, message: `${INVALID_REQUEST.message}: ${advice}` };
}

export const METHOD_NOT_FOUND = before(
  -32601,
  'METHOD_NOT_FOUND: The method being requested is not available on this server',
);
export const INVALID_PARAMS = before(
  -32602,
  'INVALID_PARAMS: Invalid method parameters (invalid name and/or type) recognised',
);
export const PROCEDURE_IS_METHOD = before(
  -32604,
  'PROCEDURE_IS_METHOD: The requested notification is declared as a method',
);

export const GROUP_NOT_FOUND = during(-40001, 'GroupID does not exist');
export const BLOCK_HASH_NOT_FOUND = during(-40003, 'BlockHash does not exist');
export const BLOCK_NUMBER_NOT_FOUND = during(-40004, 'BlockNumber does not exist');
export const TRANSACTION_INDEX_OUT_OF_RANGE = during(-40005, 'TransactionIndex is out of range');
export const CALL_NEEDS_FROM = during(-40006, "Call needs a 'from' field");
export const NO_VIEW_IN_RAFT = during(-40007, 'Only pbft consensus supports the view property');
export const INVALID_SYSTEM_CONFIG = during(-40008, 'Invalid System Config');
export const NOT_A_MEMBER = during(-40009, "Don't send request to this node who doesn't belong to the group");
export const NOT_READY = during(-40010, 'RPC module initialization is incomplete');

/** Only on the channel. @param method as it was sent */
export function overLimit(method: string): RpcError {
  return during(-40011, `${method} Over QPS limit`);
}

/** Only on the channel. @param method as it was sent */
export function notAllowed(method: string): RpcError {
  return during(-40012, `${method} The SDK is not allowed to access this group`);
}

export const DYNAMIC_GROUP_FORBIDDEN = during(-100_001, 'Dynamic group related interfaces are forbidden to access');

export function onlyForRpbft(method: string, consensusType: string): RpcError {
  const text = `method ${method} only supported when rpbft is used, current consensus type is ${consensusType}`;
  return during(-40009, text);
}

export function receiptIndexOutOfRange(receiptsCount: number): RpcError {
  return during(-40099, `start index out of range, the number of receipt is ${receiptsCount}`);
}

/**
 * The -32603 of 2.x: a doubled prefix and, after C++ diagnostics that we leave out, the comment that SDKs search for
 * words. @param advice what to do about it; stands behind the comment, where no SDK looks
 */
export function internalError(comment: string, advice?: string): RpcError {
  const text = advice === undefined ? comment : `${comment}\n${advice}`;
  return during(-32603, `INTERNAL_ERROR: : INTERNAL_ERROR: : [dev::tag_comment*] = ${text}\n`);
}

/** To requests of a batch that has been answered at length. */
export function answersTooLong(): RpcError {
  const comment = `the answers to this batch are longer than ${ANSWER_CHARACTERS_MAX} characters`;
  return internalError(comment, 'ask for less in one batch');
}

/** Thrown by parameter readers and methods of this package; the dispatcher turns it into an answer. */
export class RpcFailure extends Error {
  override readonly name = 'RpcFailure';
  constructor(readonly error: RpcError) {
    super(error.message);
  }
}
