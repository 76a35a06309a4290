import { SdkError } from '../sdkError.js';
import { ExecutionError } from '../transaction/executionError.js';

/** What a contract says as its reason when a user has gone elsewhere. */
const WRONG_GROUP = 'WrongGroup';

/** No such group runs here, this node is not of it, or the transaction is signed for another one. */
const CODES: ReadonlySet<unknown> = new Set([-40001, -40009, 'InvalidGroupId', WRONG_GROUP]);

/** Whether nodes or a contract said that this is for another group. Nothing was done then. */
export function isWrongGroup(error: unknown): boolean {
  if (error instanceof ExecutionError) return error.reason?.text === WRONG_GROUP;
  return error instanceof SdkError && CODES.has(error.code);
}
