import { invariant } from '@menglian/base/invariant';
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

/** A block up to the head, which must be there. */
export function storedBlock(view: GroupView, number: number): BlockView {
  const block = view.block(number);
  invariant(block !== undefined, 'rpc/block-stored', `block ${number}`);
  return block;
}
