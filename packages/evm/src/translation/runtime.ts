import type { Activation } from '../activation.js';
import type { Frame } from '../frame.js';
import { Halt } from '../halt.js';
import { jumpTarget, runOnFrame } from '../interpreter.js';
import { copyToMemory, finish, hashMemory } from '../opcodes/data.js';
import { hashWord } from '../opcodes/hashWord.js';
import { blockHash, externalCodeHash, store } from '../opcodes/state.js';
import { addressOfWord, byteLength, loadWord, power, storeWord, wordOfAddress } from '../words.js';
import { EXPONENT_BYTE_GAS } from '../gasSchedule.js';

/**
 * What translated code calls. A word is here a JavaScript number (an integer below 2^53) or a bigint of any size, whichever
 * came about more cheaply: the same value may appear as either.
 */
export type Word = number | bigint;

/** Status of a translation that leaves the rest to the interpreter: the frame says where to go on. */
export const LEFT = -2;

const TWO_POW_32 = 0x1_0000_0000;
const TWO_POW_53_BIG = 1n << 53n;
const TWO_POW_31 = 2 ** 31;
const ADDRESS_WORDS_MAX = 4_096;

function big(word: Word): bigint {
  return typeof word === 'number' ? BigInt(word) : word;
}

/** A number where it fits. */
function narrow(word: bigint): Word {
  return word < TWO_POW_53_BIG ? Number(word) : word;
}

function isSmall(word: Word): word is number {
  return typeof word === 'number' && word < TWO_POW_31;
}

function signed(word: Word): bigint {
  return BigInt.asIntN(256, big(word));
}

/** Called when the sum, difference or product of two numbers is no such number, or one of them is none. */
const arithmetic = {
  add: (a: Word, b: Word): Word => BigInt.asUintN(256, big(a) + big(b)),
  sub: (a: Word, b: Word): Word => narrow(BigInt.asUintN(256, big(a) - big(b))),
  mul: (a: Word, b: Word): Word => BigInt.asUintN(256, big(a) * big(b)),
  div: (a: Word, b: Word): Word => {
    if (typeof a === 'number' && typeof b === 'number') return b === 0 ? 0 : Math.floor(a / b);
    const divisor = big(b);
    return divisor === 0n ? 0 : narrow(big(a) / divisor);
  },
  mod: (a: Word, b: Word): Word => {
    if (typeof a === 'number' && typeof b === 'number') return b === 0 ? 0 : a % b;
    const divisor = big(b);
    return divisor === 0n ? 0 : narrow(big(a) % divisor);
  },
  sdiv: (a: Word, b: Word): Word => {
    const divisor = signed(b);
    return divisor === 0n ? 0 : BigInt.asUintN(256, signed(a) / divisor);
  },
  smod: (a: Word, b: Word): Word => {
    const divisor = signed(b);
    return divisor === 0n ? 0 : BigInt.asUintN(256, signed(a) % divisor);
  },
  addmod: (a: Word, b: Word, modulus: Word): Word => {
    const divisor = big(modulus);
    return divisor === 0n ? 0 : narrow((big(a) + big(b)) % divisor);
  },
  mulmod: (a: Word, b: Word, modulus: Word): Word => {
    const divisor = big(modulus);
    return divisor === 0n ? 0 : narrow((big(a) * big(b)) % divisor);
  },
  signextend: (size: Word, word: Word): Word => {
    const index = big(size);
    return index < 31n ? BigInt.asUintN(256, BigInt.asIntN(8 * Number(index) + 8, big(word))) : word;
  },
  lt: (a: Word, b: Word): boolean => big(a) < big(b),
  slt: (a: Word, b: Word): boolean => signed(a) < signed(b),
  eq: (a: Word, b: Word): boolean => big(a) === big(b),
  and: (a: Word, b: Word): Word => (isSmall(a) && isSmall(b) ? a & b : narrow(big(a) & big(b))),
  or: (a: Word, b: Word): Word => (isSmall(a) && isSmall(b) ? a | b : big(a) | big(b)),
  xor: (a: Word, b: Word): Word => (isSmall(a) && isSmall(b) ? a ^ b : narrow(big(a) ^ big(b))),
  byte: (index: Word, word: Word): number => {
    const shift = big(index);
    return shift > 31n ? 0 : Number((big(word) >> (248n - 8n * shift)) & 0xffn);
  },
  shl: (shift: Word, word: Word): Word => {
    const bits = big(shift);
    return bits > 255n ? 0 : narrow(BigInt.asUintN(256, big(word) << bits));
  },
  shr: (shift: Word, word: Word): Word => {
    const bits = big(shift);
    return bits > 255n ? 0 : narrow(big(word) >> bits);
  },
  sar: (shift: Word, word: Word): Word => {
    const bits = big(shift);
    return BigInt.asUintN(256, signed(word) >> (bits > 255n ? 255n : bits));
  },
};

/** Memory that is there, and call data. */
const bytes = {
  load: (view: DataView, offset: number): Word => {
    const isNumber =
      (view.getInt32(offset) |
        view.getInt32(offset + 4) |
        view.getInt32(offset + 8) |
        view.getInt32(offset + 12) |
        view.getInt32(offset + 16) |
        view.getInt32(offset + 20) |
        (view.getInt32(offset + 24) & 0xffe0_0000)) ===
      0;
    if (isNumber) return view.getInt32(offset + 24) * TWO_POW_32 + view.getUint32(offset + 28);
    return loadWord(view, offset);
  },
  storeNumber: (view: DataView, offset: number, word: number): void => {
    view.setFloat64(offset, 0);
    view.setFloat64(offset + 8, 0);
    view.setFloat64(offset + 16, 0);
    view.setUint32(offset + 24, word / TWO_POW_32);
    view.setUint32(offset + 28, word);
  },
  storeBig: storeWord,
  storeAny: (view: DataView, offset: number, word: Word): void => {
    if (typeof word === 'number') bytes.storeNumber(view, offset, word);
    else storeWord(view, offset, word);
  },
  /** @param offset a number as `Frame.growRange` takes it */
  callData: (input: Uint8Array, offset: number): Word => {
    if (offset >= input.length) return 0;
    const end = Math.min(input.length, offset + 32);
    for (let i = offset; i < end; i++) scratch[i - offset] = input[i]!;
    for (let i = end - offset; i < 32; i++) scratch[i] = 0;
    return bytes.load(scratchView, 0);
  },
  /** The first four bytes of such a word. */
  callDataHead: (input: Uint8Array, offset: number): number =>
    (input[offset] ?? 0) * 0x100_0000 +
    (((input[offset + 1] ?? 0) << 16) | ((input[offset + 2] ?? 0) << 8) | (input[offset + 3] ?? 0)),
};

const scratch = new Uint8Array(32);
const scratchView = new DataView(scratch.buffer);

/** Words of addresses met lately: parsing one takes longer than most instructions. */
const addressWords = new Map<string, bigint>();

function wordOf(address: string): bigint {
  let word = addressWords.get(address);
  if (word === undefined) {
    if (addressWords.size >= ADDRESS_WORDS_MAX) addressWords.clear();
    word = wordOfAddress(address);
    addressWords.set(address, word);
  }
  return word;
}

/** Ends, and the way back to the interpreter: it goes on at a block with the whole stack on the frame. */
const ends = {
  end: (frame: Frame, gas: number, status: number): number => {
    frame.gas = gas;
    return status;
  },
  finish: (frame: Frame, gas: number, status: number, offset: number, size: number): number => {
    frame.gas = gas;
    return finish(frame, status, offset, size);
  },
  leave: (frame: Frame, gas: number, position: number, words: readonly Word[]): number => {
    const { stack } = frame;
    for (let i = 0; i < words.length; i++) stack[i] = big(words[i]!);
    frame.height = words.length;
    frame.position = position;
    frame.gas = gas;
    return LEFT;
  },
  leaveTo: (frame: Frame, gas: number, activation: Activation, target: Word, words: readonly Word[]): number => {
    const position = jumpTarget(activation.code, big(target));
    return position < 0 ? ends.end(frame, gas, Halt.BAD_JUMP_DESTINATION) : ends.leave(frame, gas, position, words);
  },
};

/** All of it, by the names that the text uses. */
export const RUNTIME = {
  ...arithmetic,
  ...bytes,
  ...ends,
  big,
  narrow,
  power: (base: Word, exponent: Word): Word => power(big(base), big(exponent)),
  exponentGas: (exponent: Word): number => EXPONENT_BYTE_GAS * byteLength(big(exponent)),
  wordOf,
  codeSize: (activation: Activation, address: bigint): number => activation.host.codeSize(addressOfWord(address)),
  hashWord,
  hashMemory,
  copyToMemory,
  externalCodeHash,
  blockHash,
  store,
  operate: runOnFrame,
};
