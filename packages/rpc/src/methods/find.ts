import { BLOCK_HASH_NOT_FOUND, BLOCK_NUMBER_NOT_FOUND, RpcFailure } from '../errors.js';
import { blockNumberParameter, hashParameter } from '../parameters.js';
import type { BlockView, GroupView } from '../ports.js';

/** @throws RpcFailure -40004, or -32603 when it is no number */
export function existingNumber(view: GroupView, text: string): number {
  const number = blockNumberParameter(text);
  if (number > view.blockNumber()) throw new RpcFailure(BLOCK_NUMBER_NOT_FOUND);
  return number;
}

/** @throws RpcFailure with `notFound` */
export function numberOfHash(view: GroupView, text: string, notFound = BLOCK_HASH_NOT_FOUND): number {
  const number = view.numberByHash(hashParameter(text));
  if (number === undefined) throw new RpcFailure(notFound);
  return number;
}

/**
 * A block up to the head. Those up to the snapshot that a node began with are not there.
 * @throws RpcFailure -40004
 */
export function storedBlock(view: GroupView, number: number): BlockView {
  const block = view.block(number);
  if (block === undefined) throw new RpcFailure(BLOCK_NUMBER_NOT_FOUND);
  return block;
}
