import { Opcode } from '../opcodes/table.js';
import {
  ANY_BIGINT,
  ANY_WORD,
  FLAG,
  NUMBER_BITS,
  TWO_POW_53,
  WORD_BITS,
  WORD_MAX,
  bigLiteral,
  bigText,
  bitLength,
  bitsOf,
  constant,
  isBig,
  isNumeric,
  numberOf,
  truthText,
  wordOf,
  wordText,
} from './slots.js';
import type { Operand, Slot } from './slots.js';

/** What an instruction leaves: a slot, and the text that computes it (not used for constants). */
export interface Result {
  readonly slot: Slot;
  readonly text: string;
}

const TWO_POW_53_TEXT = '9007199254740992';
const ZERO: Result = { slot: constant(0n), text: '' };

/**
 * Instructions without effects: arithmetic, comparison, bits. `operands` from the top of the stack down. What is known to be
 * small is computed in numbers; what may be small is tried in numbers first. `x` and `y` are scratch variables of the text,
 * one for numbers and one for bigints.
 */
export function arithmetic(opcode: number, operands: readonly Operand[]): Result | undefined {
  const [a, b, c] = operands as readonly [Operand, Operand, Operand];
  switch (opcode) {
    case Opcode.ADD:
      return add(a, b);
    case Opcode.MUL:
      return multiply(a, b);
    case Opcode.SUB:
      return subtract(a, b);
    case Opcode.DIV:
      return divide(a, b);
    case Opcode.MOD:
      return remainder(a, b);
    case Opcode.SDIV:
      return call('sdiv', ANY_WORD, a, b);
    case Opcode.SMOD:
      return call('smod', ANY_WORD, a, b);
    case Opcode.ADDMOD:
      return call('addmod', ANY_WORD, a, b, c);
    case Opcode.MULMOD:
      return call('mulmod', ANY_WORD, a, b, c);
    case Opcode.SIGNEXTEND:
      return call('signextend', ANY_WORD, a, b);
    case Opcode.LT:
      return compare('<', 'lt', a, b);
    case Opcode.GT:
      return compare('<', 'lt', b, a);
    case Opcode.SLT:
      return compareSigned(a, b);
    case Opcode.SGT:
      return compareSigned(b, a);
    case Opcode.EQ:
      return compare('===', 'eq', a, b);
    case Opcode.ISZERO:
      if (a.slot.kind === 'constant') return flagConstant(a.slot.value === 0n);
      return { slot: FLAG, text: `!${truthText(a)}` };
    case Opcode.AND:
      return and(a, b);
    case Opcode.OR:
      return or(a, b);
    case Opcode.XOR:
      return xor(a, b);
    case Opcode.NOT:
      if (a.slot.kind === 'constant') return { slot: constant(WORD_MAX - a.slot.value), text: '' };
      return { slot: ANY_BIGINT, text: `MAX-${bigText(a)}` };
    case Opcode.BYTE:
      return call('byte', numberOf(8), a, b);
    case Opcode.SHL:
      return shiftLeft(a, b);
    case Opcode.SHR:
      return shiftRight(a, b);
    case Opcode.SAR:
      return call('sar', ANY_WORD, a, b);
    default:
      return undefined;
  }
}

function call(name: string, slot: Slot, ...operands: readonly Operand[]): Result {
  return { slot, text: `${name}(${operands.map(wordText).join()})` };
}

function flagConstant(value: boolean): Result {
  return { slot: constant(value ? 1n : 0n), text: '' };
}

function folded(value: bigint): Result {
  return { slot: constant(BigInt.asUintN(WORD_BITS, value)), text: '' };
}

function same(operand: Operand): Result {
  return { slot: operand.slot, text: operand.name };
}

/** The condition under which both are numbers; '' when they always are, undefined when one never is. */
function bothNumbers(a: Operand, b: Operand): string | undefined {
  if (isBig(a) || isBig(b)) return undefined;
  return [a, b]
    .filter((operand) => !isNumeric(operand))
    .map(({ name }) => `typeof ${name}==="number"`)
    .join('&&');
}

/** Tries an expression of numbers, kept in `y` while its condition is looked at. */
function tryNumbers(a: Operand, b: Operand, expression: string, condition: string, name: string): Result {
  const guard = bothNumbers(a, b);
  const slow = call(name, ANY_WORD, a, b);
  if (guard === undefined) return slow;
  const test = guard === '' ? '' : `${guard}&&`;
  return { slot: ANY_WORD, text: `${test}(y=${expression})${condition}?y:${slow.text}` };
}

function add(a: Operand, b: Operand): Result {
  if (a.slot.kind === 'constant' && b.slot.kind === 'constant') return folded(a.slot.value + b.slot.value);
  if (a.slot.kind === 'constant') return add(b, a);
  if (b.slot.kind === 'constant' && b.slot.value === 0n) return same(a);
  const bits = Math.max(bitsOf(a.slot), bitsOf(b.slot)) + 1;
  const text = `${wordText(a)}+${wordText(b)}`;
  if (isNumeric(a) && isNumeric(b) && bits <= NUMBER_BITS) return { slot: numberOf(bits), text };
  if (isBig(a) && isBig(b)) return { slot: ANY_BIGINT, text: `(x=${text})>MAX?x-END:x` };
  if (b.slot.kind === 'constant' && WORD_MAX - b.slot.value < TWO_POW_53 && !isBig(a)) {
    // Adding 2^256 - n is how code subtracts n.
    const test = isNumeric(a) ? '' : `typeof ${a.name}==="number"&&`;
    const difference = `${wordText(a)}-${WORD_MAX - b.slot.value + 1n}`;
    return { slot: ANY_WORD, text: `${test}(y=${difference})>=0?y:${call('add', ANY_WORD, a, b).text}` };
  }
  return tryNumbers(a, b, text, `<${TWO_POW_53_TEXT}`, 'add');
}

function subtract(a: Operand, b: Operand): Result {
  if (a.slot.kind === 'constant' && b.slot.kind === 'constant') return folded(a.slot.value - b.slot.value);
  if (b.slot.kind === 'constant' && b.slot.value === 0n) return same(a);
  const text = `${wordText(a)}-${wordText(b)}`;
  if (isBig(a) && isBig(b)) return { slot: ANY_BIGINT, text: `(x=${text})<0n?x+END:x` };
  return tryNumbers(a, b, text, '>=0', 'sub');
}

function multiply(a: Operand, b: Operand): Result {
  if (a.slot.kind === 'constant' && b.slot.kind === 'constant') return folded(a.slot.value * b.slot.value);
  const text = `${wordText(a)}*${wordText(b)}`;
  const bits = bitsOf(a.slot) + bitsOf(b.slot);
  if (isNumeric(a) && isNumeric(b) && bits <= NUMBER_BITS) return { slot: numberOf(bits), text };
  if (isBig(a) && isBig(b)) return { slot: ANY_BIGINT, text: `BigInt.asUintN(256,${text})` };
  return tryNumbers(a, b, text, `<${TWO_POW_53_TEXT}`, 'mul');
}

/** k where the operand is the constant 2^k. */
function powerOf(operand: Operand): number | undefined {
  if (operand.slot.kind !== 'constant' || operand.slot.value === 0n) return undefined;
  const { value } = operand.slot;
  return (value & (value - 1n)) === 0n ? bitLength(value) - 1 : undefined;
}

function divide(a: Operand, b: Operand): Result {
  if (a.slot.kind === 'constant' && b.slot.kind === 'constant')
    return folded(b.slot.value === 0n ? 0n : a.slot.value / b.slot.value);
  const bits = powerOf(b);
  if (bits !== undefined) return shiftRightBy(bits, a);
  if (b.slot.kind === 'constant' && b.slot.value !== 0n && isNumeric(a) && isNumeric(b))
    return { slot: numberOf(bitsOf(a.slot)), text: `Math.floor(${wordText(a)}/${wordText(b)})` };
  return call('div', wordOf(bitsOf(a.slot)), a, b);
}

function remainder(a: Operand, b: Operand): Result {
  if (a.slot.kind === 'constant' && b.slot.kind === 'constant')
    return folded(b.slot.value === 0n ? 0n : a.slot.value % b.slot.value);
  const bits = powerOf(b);
  if (bits !== undefined) return mask(bits, a);
  if (b.slot.kind === 'constant' && b.slot.value !== 0n && isNumeric(a) && isNumeric(b))
    return { slot: numberOf(bitsOf(b.slot)), text: `${wordText(a)}%${wordText(b)}` };
  return call('mod', ANY_WORD, a, b);
}

function compare(operator: string, name: string, a: Operand, b: Operand): Result {
  if (a.slot.kind === 'constant' && b.slot.kind === 'constant')
    return flagConstant(operator === '<' ? a.slot.value < b.slot.value : a.slot.value === b.slot.value);
  const guard = bothNumbers(a, b);
  const inNumbers = `${wordText(a)}${operator}${wordText(b)}`;
  if (guard === '') return { slot: FLAG, text: inNumbers };
  const inBigints = `${bigText(a)}${operator}${bigText(b)}`;
  if (guard === undefined) return { slot: FLAG, text: inBigints };
  if (a.slot.kind === 'constant' || b.slot.kind === 'constant')
    return { slot: FLAG, text: `${guard}?${inNumbers}:${constantSide(a)}${operator}${constantSide(b)}` };
  return { slot: FLAG, text: `${guard}?${inNumbers}:${call(name, FLAG, a, b).text}` };
}

/** For a comparison with a constant, where the other side has just been found to be a bigint. */
function constantSide(operand: Operand): string {
  return operand.slot.kind === 'constant' ? bigLiteral(operand.slot.value) : operand.name;
}

function compareSigned(a: Operand, b: Operand): Result {
  const guard = bothNumbers(a, b);
  const slow = call('slt', FLAG, a, b);
  // Numbers are below 2^53, so they are positive.
  const inNumbers = `${wordText(a)}<${wordText(b)}`;
  if (guard === undefined) return slow;
  return { slot: FLAG, text: guard === '' ? inNumbers : `${guard}?${inNumbers}:${slow.text}` };
}

function and(a: Operand, b: Operand): Result {
  if (a.slot.kind === 'constant' && b.slot.kind === 'constant') return folded(a.slot.value & b.slot.value);
  if (a.slot.kind === 'constant') return and(b, a);
  if (b.slot.kind === 'constant') {
    const { value } = b.slot;
    if (value === 0n) return ZERO;
    const bits = bitLength(value);
    if (value === (1n << BigInt(bits)) - 1n) return mask(bits, a);
    const low = bitLength(WORD_MAX - value);
    if (WORD_MAX - value === (1n << BigInt(low)) - 1n) return clearLow(low, a);
  }
  const bits = Math.min(bitsOf(a.slot), bitsOf(b.slot));
  if (isNumeric(a) && isNumeric(b) && Math.max(bitsOf(a.slot), bitsOf(b.slot)) <= 31)
    return { slot: numberOf(bits), text: `${wordText(a)}&${wordText(b)}` };
  return call('and', wordOf(bits), a, b);
}

/** The lowest bits alone. */
function mask(bits: number, a: Operand): Result {
  if (bits === 0) return ZERO;
  if (bitsOf(a.slot) <= bits) return same(a);
  const text = wordText(a);
  const { name } = a;
  if (bits > NUMBER_BITS) {
    // Most words that are masked fit already: an address, an amount.
    const fits = `${name}<=${bigLiteral((1n << BigInt(bits)) - 1n)}`;
    const number = isBig(a) ? '' : `typeof ${name}==="number"||`;
    const slot: Slot = isBig(a) ? { kind: 'bigint', bits } : wordOf(bits);
    return { slot, text: `${number}${fits}?${name}:BigInt.asUintN(${bits},${name})` };
  }
  const small = bits <= 31 ? `${text}&${2 ** bits - 1}` : `${text}%${2 ** bits}`;
  if (isNumeric(a)) return { slot: numberOf(bits), text: small };
  const large = `Number(BigInt.asUintN(${bits},${name}))`;
  return { slot: numberOf(bits), text: isBig(a) ? large : `typeof ${name}==="number"?${small}:${large}` };
}

/** All but the lowest bits, as code rounds up to words. */
function clearLow(bits: number, a: Operand): Result {
  const large = `${a.name}&${bigLiteral(WORD_MAX - (1n << BigInt(bits)) + 1n)}`;
  if (isBig(a)) return { slot: ANY_BIGINT, text: large };
  const text = wordText(a);
  const small = bits >= NUMBER_BITS ? '0' : `${text}-${text}%${2 ** bits}`;
  if (isNumeric(a)) return { slot: numberOf(bitsOf(a.slot)), text: small };
  return { slot: ANY_WORD, text: `typeof ${a.name}==="number"?${small}:${large}` };
}

function or(a: Operand, b: Operand): Result {
  if (a.slot.kind === 'constant' && b.slot.kind === 'constant') return folded(a.slot.value | b.slot.value);
  if (a.slot.kind === 'constant') return or(b, a);
  if (b.slot.kind === 'constant' && b.slot.value === 0n) return same(a);
  return bitwise('|', 'or', a, b);
}

function xor(a: Operand, b: Operand): Result {
  if (a.slot.kind === 'constant' && b.slot.kind === 'constant') return folded(a.slot.value ^ b.slot.value);
  return bitwise('^', 'xor', a, b);
}

function bitwise(operator: string, name: string, a: Operand, b: Operand): Result {
  const bits = Math.max(bitsOf(a.slot), bitsOf(b.slot));
  if (isNumeric(a) && isNumeric(b) && bits <= 31)
    return { slot: numberOf(bits), text: `${wordText(a)}${operator}${wordText(b)}` };
  return call(name, wordOf(bits), a, b);
}

function shiftLeft(shift: Operand, a: Operand): Result {
  if (shift.slot.kind !== 'constant') return call('shl', ANY_WORD, shift, a);
  if (shift.slot.value > 255n) return ZERO;
  const bits = Number(shift.slot.value);
  if (bits === 0) return same(a);
  if (a.slot.kind === 'constant') return folded(a.slot.value << shift.slot.value);
  if (isNumeric(a) && bitsOf(a.slot) + bits <= NUMBER_BITS)
    return { slot: numberOf(bitsOf(a.slot) + bits), text: `${wordText(a)}*${2 ** bits}` };
  const isTopBits = bitsOf(a.slot) + bits <= WORD_BITS;
  const large = isTopBits ? `${bigText(a)}<<${bits}n` : `BigInt.asUintN(256,${bigText(a)}<<${bits}n)`;
  if (bits >= NUMBER_BITS) return { slot: ANY_BIGINT, text: large };
  return call('shl', ANY_WORD, shift, a);
}

function shiftRight(shift: Operand, a: Operand): Result {
  if (shift.slot.kind !== 'constant') return call('shr', wordOf(bitsOf(a.slot)), shift, a);
  if (shift.slot.value > 255n) return ZERO;
  return shiftRightBy(Number(shift.slot.value), a);
}

function shiftRightBy(shift: number, a: Operand): Result {
  if (shift === 0) return same(a);
  if (a.slot.kind === 'constant') return folded(a.slot.value >> BigInt(shift));
  const bits = bitsOf(a.slot) - shift;
  if (bits <= 0) return ZERO;
  const text = wordText(a);
  const small = shift >= NUMBER_BITS ? '0' : `Math.floor(${text}/${2 ** shift})`;
  if (isNumeric(a)) return { slot: numberOf(bits), text: small };
  const isNumber = bits <= NUMBER_BITS;
  const large = isNumber ? `Number(${a.name}>>${shift}n)` : `${a.name}>>${shift}n`;
  if (isBig(a)) return { slot: isNumber ? numberOf(bits) : { kind: 'bigint', bits }, text: large };
  return { slot: isNumber ? numberOf(bits) : wordOf(bits), text: `typeof ${a.name}==="number"?${small}:${large}` };
}
