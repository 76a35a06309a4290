import { EMPTY_BYTES, toBigInt } from '@menglian/base/bytes';
import type { Address } from '@menglian/types/address';
import type { TransactionFields } from '@menglian/types/transaction';
import type { Ports } from '../ports.js';

/** Blocks a transaction may wait, as 2.x SDKs choose it; nodes allow 1000. */
export const BLOCK_LIMIT_AHEAD = 500;

/** Fields that SDKs of 2.x send; nodes do not limit execution by them. */
const GAS = 300_000_000n;

/** Of a nonce: below 2^248, so that it never is the one value that nodes refuse. */
const NONCE_BYTES = 31;

/** What is not the same in every transaction. */
export interface TransactionTarget {
  readonly chainId: number;
  readonly groupId: number;
  /** The last block that may hold it. */
  readonly blockLimit: number;
  /** 40 digits without 0x; undefined deploys */
  readonly to: Address | undefined;
  readonly data: Uint8Array;
  readonly extraData?: Uint8Array;
}

/** All fields of a transaction, with a nonce of its own: for `account.signTransaction`, where no node is to be asked. */
export function transactionFields(target: TransactionTarget, ports: Ports): TransactionFields {
  const { chainId, groupId, blockLimit, to, data, extraData = EMPTY_BYTES } = target;
  return {
    nonce: toBigInt(ports.random(NONCE_BYTES)),
    gasPrice: GAS,
    gas: GAS,
    blockLimit: BigInt(blockLimit),
    to,
    value: 0n,
    data,
    chainId: BigInt(chainId),
    groupId: BigInt(groupId),
    extraData,
  };
}
