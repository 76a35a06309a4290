import type { Address } from '../hex.js';
import type { Receipt } from '../rpc/shapes.js';
import { list, mapped, optional, type Reader, record, text } from '../rpc/reader.js';
import { sdkError } from '../sdkError.js';
import { refusedByCode } from './resultCodes.js';

/** What a system contract did. */
export interface Changed {
  /** Rows, votes, or 0 where there is nothing to count. */
  readonly count: number;
  readonly receipt: Receipt;
}

/** The address of a system contract by its number. */
export function systemAddress(number: number): Address {
  return `0x${number.toString(16).padStart(40, '0')}`;
}

/** A code of the range that system contracts answer with. */
export function checkCode(code: bigint): number {
  const number = Number(BigInt.asIntN(256, code));
  if (number < 0) throw refusedByCode(number);
  return number;
}

/** Waits for the transaction. @throws SdkError with the code as `code` when it is negative; ExecutionError */
export async function changed(
  executed: Promise<{ readonly result: bigint; readonly receipt: Receipt }>,
): Promise<Changed> {
  const { result, receipt } = await executed;
  return { count: checkCode(result), receipt };
}

/** Reads the JSON that a system contract answered. @throws SdkError `BadAnswer` */
export function readJsonOf<T>(json: string, reader: Reader<T>): T {
  try {
    return reader(JSON.parse(json), 'the answer');
  } catch (error) {
    throw sdkError(
      'BadAnswer',
      'the system contract answered something unknown',
      'see the version of the chain',
      error,
    );
  }
}

/** An account that may do something, since a block. */
export const grants = list(
  mapped(record({ address: text, enable_num: optional(text, '0') }), ({ address, enable_num }): Grant => ({
    address: address as Address,
    sinceBlock: Number(enable_num),
  })),
);

export interface Grant {
  readonly address: Address;
  readonly sinceBlock: number;
}
