import { toBigInt, toByteString, toHex } from '@menglian/base/bytes';
import type { AbiValue } from '@menglian/codec/abi';
import { ADDRESS_BYTES } from '@menglian/types/address';

const WORD = 32;
/** Longer text is rare, and the full decoder bounds what it may add up to. */
const PLAIN_TEXT_MAX = 256;

/**
 * Arguments as encoders write them: all words there, text short and within the data. It gives what `decodeAbiLenient` gives,
 * several times faster. @returns undefined where the full decoder has to look: everything else, also what is wrong
 * @param start where the arguments begin in `data`
 */
export function readPlainArguments(types: readonly string[], data: Uint8Array, start: number): AbiValue[] | undefined {
  if (data.length < start + WORD * types.length) return undefined;
  const values: AbiValue[] = [];
  let head = start;
  for (const type of types) {
    if (type === 'uint256') {
      const small = smallNumber(data, head);
      values.push(small === undefined ? toBigInt(data.subarray(head, head + WORD)) : BigInt(small));
    } else if (type === 'string') {
      const text = plainText(data, start, head);
      if (text === undefined) return undefined;
      values.push(text);
    } else if (type === 'address') {
      values.push(toHex(data.subarray(head + WORD - ADDRESS_BYTES, head + WORD)));
    } else {
      return undefined;
    }
    head += WORD;
  }
  return values;
}

/** @param head where the offset of the text is */
function plainText(data: Uint8Array, start: number, head: number): string | undefined {
  const offset = smallNumber(data, head);
  if (offset === undefined || start + offset + WORD > data.length) return undefined;
  const length = smallNumber(data, start + offset);
  const begin = start + offset + WORD;
  if (length === undefined || length > PLAIN_TEXT_MAX || begin + length > data.length) return undefined;
  return toByteString(data.subarray(begin, begin + length));
}

/** The number in a word; undefined from 2^32 on. */
function smallNumber(data: Uint8Array, at: number): number | undefined {
  for (let i = at; i < at + WORD - 4; i++) if (data[i] !== 0) return undefined;
  const low = at + WORD - 4;
  return ((data[low]! << 24) | (data[low + 1]! << 16) | (data[low + 2]! << 8) | data[low + 3]!) >>> 0;
}
